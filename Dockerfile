# vidsep in a container.
#
#   docker build -t vidsep .                             CPU
#   docker build -t vidsep:gpu --build-arg EXTRA=gpu .   GPU (run it with --gpus all)
#   docker run --rm -v "$PWD:/media" vidsep remix clip.mp4 -p strip-music
#
# Without a command it runs `vidsep doctor`, which ends with 0 when everything is in place.
ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS build
# "gpu" adds CUDA for TensorFlow; empty is the CPU variant
ARG EXTRA=""
WORKDIR /source
COPY . .
RUN python -m venv /opt/vidsep \
    && /opt/vidsep/bin/pip install --no-cache-dir ".${EXTRA:+[$EXTRA]}"

FROM python:${PYTHON}-slim
RUN useradd --create-home --uid 1000 vidsep \
    && mkdir /media /cache \
    && chown vidsep:vidsep /media /cache
COPY --from=build /opt/vidsep /opt/vidsep
ENV PATH="/opt/vidsep/bin:$PATH" \
    VIDSEP_CACHE_DIR=/cache \
    VIDSEP_MODEL_DIR=/cache/models \
    PYTHONUNBUFFERED=1
USER 1000
WORKDIR /media
VOLUME ["/media", "/cache"]
HEALTHCHECK --interval=5m --timeout=1m CMD ["vidsep", "doctor", "--quiet"]
ENTRYPOINT ["vidsep"]
CMD ["doctor"]
