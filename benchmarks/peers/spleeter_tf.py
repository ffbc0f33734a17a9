"""Spleeter as a TensorFlow graph, as its authors run it: a session, the whole sound at once. A benchmark's peer.

    python benchmarks/peers/spleeter_tf.py TENSORS.npz SOUND.npy STEMS.npy [--bins 1024] [--threads N]

``TENSORS.npz`` holds the variables of Deezer's checkpoint under their names; the graph is that of these variables, its
operations in the order of the exported graphs: one U-Net after the other, batch normalization, masks, inverse STFT.
Prints one JSON object: seconds of wall clock and of CPU, peak memory in bytes.
"""

import argparse
import json
import os
import time
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

WINDOW, HOP, SEGMENT, EPSILON = 4096, 1024, 512, 1e-10
tf1 = tf.compat.v1


def main() -> None:
    """Separate a sound of the shape ``(n_samples, 2)`` at 44.1 kHz into stems ``(n_stems, n_samples, 2)``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tensors")
    parser.add_argument("sound")
    parser.add_argument("stems")
    parser.add_argument("--bins", type=int, default=1024)
    parser.add_argument("--threads", type=int, default=0, help="0 is TensorFlow's own choice")
    options = parser.parse_args()
    tensors, sound = dict(np.load(options.tensors)), np.load(options.sound)
    graph = tf.Graph()
    with graph.as_default():
        waveform = tf1.placeholder(tf.float32, (None, 2))
        builder = Builder(tensors, options.bins)
        outputs = builder.separate(waveform)
        start = tf1.global_variables_initializer()
    config = tf1.ConfigProto(intra_op_parallelism_threads=options.threads, inter_op_parallelism_threads=options.threads)
    with tf1.Session(graph=graph, config=config) as session:
        session.run(start, builder.feed)
        session.run(outputs, {waveform: sound[: SEGMENT * HOP]})
        wall, cpu = time.perf_counter(), time.process_time()
        stems = session.run(outputs, {waveform: sound})
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    np.save(options.stems, np.stack(stems))
    print(json.dumps({"wall": wall, "cpu": cpu, "memory": peak_bytes()}))


class Builder:
    """Makes the graph; layers take their variables in the order in which Deezer's code made them."""

    def __init__(self, tensors: dict[str, Any], n_bins: int) -> None:
        self.tensors, self.n_bins = tensors, n_bins
        self.feed: dict[Any, Any] = {}
        self.counts = {"conv2d": 0, "conv2d_transpose": 0, "batch_normalization": 0}
        n_convs = sum(name.endswith("kernel") and "transpose" not in name for name in tensors)
        self.n_stems = n_convs // 7
        self.is_elu, self.is_softmax = self.n_stems > 2, self.n_stems == 5

    def separate(self, waveform: Any) -> list[Any]:
        spectrum = tf.transpose(
            tf.signal.stft(tf.transpose(waveform), WINDOW, HOP, window_fn=tf.signal.hann_window, pad_end=True),
            [1, 2, 0],
        )
        n_frames = tf.shape(spectrum)[0]
        padded = tf.pad(spectrum, [[0, -n_frames % SEGMENT], [0, 0], [0, 0]])
        segments = tf.reshape(padded, [-1, SEGMENT, WINDOW // 2 + 1, 2])
        heard = tf.abs(segments)[:, :, : self.n_bins]
        raw = [self.unet(heard) for _ in range(self.n_stems)]
        shares = tf.unstack(tf.nn.softmax(tf.stack(raw, 4), 4), axis=4) if self.is_softmax else map(tf.sigmoid, raw)
        estimates = [share * heard for share in shares]
        total = tf.add_n([estimate**2 for estimate in estimates]) + EPSILON
        return [self.stem((x**2 + EPSILON / self.n_stems) / total, spectrum, waveform) for x in estimates]

    def stem(self, mask: Any, spectrum: Any, waveform: Any) -> Any:
        n_missing = WINDOW // 2 + 1 - self.n_bins
        mask = tf.concat([mask, tf.zeros([tf.shape(mask)[0], SEGMENT, n_missing, 2])], 2)
        mask = tf.reshape(mask, [-1, WINDOW // 2 + 1, 2])[: tf.shape(spectrum)[0]]
        masked = tf.transpose(tf.cast(mask, tf.complex64) * spectrum, [2, 0, 1])
        samples = tf.signal.inverse_stft(masked, WINDOW, HOP, window_fn=tf.signal.hann_window) * (2 / 3)
        return tf.transpose(samples)[: tf.shape(waveform)[0]]

    def unet(self, heard: Any) -> Any:
        x, skipped = heard, []
        for _ in range(6):
            skipped.append(self.conv(x, strides=2))
            x = self.norm(skipped[-1])
            x = tf.nn.elu(x) if self.is_elu else tf.nn.leaky_relu(x, 0.2)
        x = skipped[-1]
        for i in range(6):
            x = self.up(x)
            x = self.norm(tf.nn.elu(x) if self.is_elu else tf.nn.relu(x))
            if i < 5:
                x = tf.concat([skipped[4 - i], x], -1)
        return self.conv(x, dilations=2)

    def conv(self, x: Any, strides: int = 1, dilations: int = 1) -> Any:
        kernel, bias = self.variables("conv2d", "kernel", "bias")
        return tf.nn.bias_add(tf.nn.conv2d(x, kernel, strides, "SAME", dilations=dilations), bias)

    def up(self, x: Any) -> Any:
        kernel, bias = self.variables("conv2d_transpose", "kernel", "bias")
        shape = tf.shape(x)
        out = tf.stack([shape[0], 2 * shape[1], 2 * shape[2], kernel.shape[2]])
        return tf.nn.bias_add(tf.nn.conv2d_transpose(x, kernel, out, 2, "SAME"), bias)

    def norm(self, x: Any) -> Any:
        parts = self.variables("batch_normalization", "gamma", "beta", "moving_mean", "moving_variance")
        return tf1.nn.fused_batch_norm(x, *parts, epsilon=1e-3, is_training=False)[0]

    def variables(self, kind: str, *parts: str) -> list[Any]:
        number = self.counts[kind]
        self.counts[kind] += 1
        name = f"{kind}_{number}" if number else kind
        made = []
        for part in parts:
            value = self.tensors[f"{name}/{part}"]
            entry = tf1.placeholder(tf.float32, value.shape)
            self.feed[entry] = value
            made.append(tf1.Variable(entry))
        return made


def peak_bytes() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
