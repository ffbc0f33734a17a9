import numpy as np
import pytest
from conftest import noise
from scipy.signal import fftconvolve

from vidsep.dsp.convolution import Convolver


@pytest.mark.parametrize("n_response", [1, 7, 300])
@pytest.mark.parametrize("cuts", [(), (1, 2, 3, 900), (500,), (250, 251, 700)])
def test_equals_the_convolution_of_the_whole(n_response: int, cuts: tuple[int, ...]) -> None:
    sound, response = noise(-10, 1000 / 48000), noise(-10, n_response / 48000, seed=1)
    convolver = Convolver(response)
    heard = np.concatenate([convolver(block) for block in np.split(sound, cuts)])
    whole = fftconvolve(sound.astype(float), response.astype(float), axes=0)[: len(sound)]
    np.testing.assert_allclose(heard, whole, atol=1e-5)


def test_each_channel_has_its_own_response() -> None:
    response = np.zeros((3, 2), np.float32)
    response[0, 0] = response[2, 1] = 1
    sound = noise(-10, 0.01)
    heard = Convolver(response)(sound)
    np.testing.assert_allclose(heard[:, 0], sound[:, 0], atol=1e-6)
    np.testing.assert_allclose(heard[2:, 1], sound[:-2, 1], atol=1e-6)
