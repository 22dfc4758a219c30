"""tf.audio: WAV files, spectrograms and mel-frequency cepstral coefficients, as speech programs use them."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core import errors
from ...core.dtypes import float32, int32, string
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, require
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels import sound
from ...kernels.contract import Namespace


def _refusing(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except ValueError as error:
        raise errors.InvalidArgumentError(None, None, str(error)) from None


def _ranked(name: str, spec: Spec, rank: int) -> tuple[int | None, ...]:
    """The sizes of an input, unknown ones where its rank is unknown; ValueError for another rank."""
    require(spec.shape is None or len(spec.shape) == rank, f"{name}: Shape must be rank {rank} but is rank {len(spec.shape or ())}")
    return (None,) * rank if spec.shape is None else spec.shape


class DecodeWav(Several, sig="contents: string -> audio: float32, sample_rate: int32"):
    """The samples of a WAV file and their rate."""
    desired_channels: int = -1
    desired_samples: int = -1
    host = True         # a file's size is in the file

    def infer(self, contents: Spec) -> Any:
        _ranked("contents", contents, 0)
        for name, value in (("desired_channels", self.desired_channels), ("desired_samples", self.desired_samples)):
            require(value >= 0 or value == -1, f"{name} must be non-negative, or -1 for what the file has, got {value}")
        sizes = tuple(None if n == -1 else n for n in (self.desired_samples, self.desired_channels))
        return Spec(float32, sizes), Spec(int32, ())

    def kernel(self, xp: Namespace, contents: Any) -> Any:
        data = bytes(np.asarray(contents, object).item())
        samples, rate = _refusing(lambda: sound.decode_wav(data))
        frames, channels = samples.shape
        if self.desired_channels != -1:     # those that the file lacks repeat its last one
            samples = samples[:, np.minimum(np.arange(self.desired_channels), channels - 1)]
        if self.desired_samples != -1:
            samples = np.pad(samples[:self.desired_samples], ((0, max(self.desired_samples - frames, 0)), (0, 0)))
        return np.ascontiguousarray(samples), np.int32(rate)


class EncodeWav(Op, sig="audio: float32, sample_rate: int32 -> contents: string"):
    """The WAV file of samples [frames, channels]."""
    host = True         # a text

    def infer(self, audio: Spec, rate: Spec) -> Spec:
        _ranked("audio", audio, 2)
        _ranked("sample_rate", rate, 0)
        return Spec(string, ())

    def kernel(self, xp: Namespace, audio: Any, rate: Any) -> Any:
        require(audio.shape[1] > 0, f"audio must have at least one channel, but has the shape {list(audio.shape)}")
        require(int(rate) > 0, f"sample_rate must be positive, got {int(rate)}")
        return np.array(sound.encode_wav(np.asarray(audio), int(rate)), object)


class AudioSpectrogram(Op, sig="input: float32 -> spectrogram: float32"):
    """Magnitudes of the spectra of windows of a sound [samples, channels]."""
    window_size: int
    stride: int
    magnitude_squared: bool = False
    host = True         # transforms of numpy's

    def infer(self, audio: Spec) -> Spec:
        samples, channels = _ranked("input", audio, 2)
        require(self.window_size > 1, f"window_size must be more than 1, got {self.window_size}")
        require(self.stride > 0, f"stride must be positive, got {self.stride}")
        count, bins = sound.spectrogram_sizes(samples or 0, self.window_size, self.stride)
        return Spec(float32, (channels, None if samples is None else count, bins))

    def kernel(self, xp: Namespace, audio: Any) -> Any:
        return sound.spectrogram(np.asarray(audio), self.window_size, self.stride, self.magnitude_squared)


class Mfcc(Op, sig="spectrogram: float32, sample_rate: int32 -> output: float32"):
    """Mel-frequency cepstral coefficients of a spectrogram [channels, windows, frequencies] of squared magnitudes."""
    upper_frequency_limit: float = 4000.0
    lower_frequency_limit: float = 20.0
    filterbank_channel_count: int = 40
    dct_coefficient_count: int = 13
    host = True         # the filters depend on the rate

    def infer(self, spectrogram: Spec, rate: Spec) -> Spec:
        channels, count, _ = _ranked("spectrogram", spectrogram, 3)
        _ranked("sample_rate", rate, 0)
        return Spec(float32, (channels, count, self.dct_coefficient_count))

    def kernel(self, xp: Namespace, spectrogram: Any, rate: Any) -> Any:
        require(spectrogram.shape[-1] > 1, f"a spectrogram must have more than one frequency, but has the shape {list(spectrogram.shape)}")
        require(0 <= self.lower_frequency_limit < self.upper_frequency_limit and int(rate) > 0,
                f"frequency limits {self.lower_frequency_limit} and {self.upper_frequency_limit} must rise from 0 or more, and the sample "
                f"rate {int(rate)} must be positive")
        require(0 < self.dct_coefficient_count <= self.filterbank_channel_count,
                f"there must be at least one coefficient, and no more than the {self.filterbank_channel_count} channels of the filter "
                f"bank, got {self.dct_coefficient_count}")
        return sound.cepstra(np.asarray(spectrogram), int(rate), self.filterbank_channel_count, self.dct_coefficient_count,
                             self.lower_frequency_limit, self.upper_frequency_limit)


@export("audio.decode_wav", "contrib.framework.decode_wav")
def decode_wav(contents: Any, desired_channels: int = -1, desired_samples: int = -1, name: str | None = None) -> Any:
    """(audio, sample_rate) of a WAV file of 16-bit samples: float32 [samples, channels] in [-1, 1), and a scalar int32, in Hz.

    desired_channels: channels that the file lacks repeat its last one, those above are dropped. desired_samples: cut, or filled with 0.
    Raises InvalidArgumentError in a run for what is no such file.
    """
    return make(DecodeWav, contents, name=name, desired_channels=desired_channels, desired_samples=desired_samples)


@export("audio.encode_wav", "contrib.framework.encode_wav")
def encode_wav(audio: Any, sample_rate: Any, name: str | None = None) -> Tensor:
    """The WAV file, a string, of audio float32 [samples, channels]; values outside of [-1, 1) are clipped to 16 bits."""
    return make(EncodeWav, audio, sample_rate, name=name)


@export("contrib.framework.audio_spectrogram")
def audio_spectrogram(input: Any, window_size: int, stride: int, magnitude_squared: bool = False, name: str | None = None) -> Tensor:
    """float32 [channels, windows, frequencies] of audio [samples, channels]: magnitudes, or their squares, of the spectra of windows
    of window_size samples under a periodic Hann function, stride apart; the transform is as long as the next power of two."""
    return make(AudioSpectrogram, input, name=name, window_size=window_size, stride=stride, magnitude_squared=magnitude_squared)


@export("contrib.framework.mfcc")
def mfcc(spectrogram: Any, sample_rate: Any, upper_frequency_limit: float = 4000, lower_frequency_limit: float = 20,
         filterbank_channel_count: int = 40, dct_coefficient_count: int = 13, name: str | None = None) -> Tensor:
    """Mel-frequency cepstral coefficients float32 [channels, windows, dct_coefficient_count] of squared magnitudes [channels, windows,
    frequencies] (S. Davis and P. Mermelstein, "Comparison of parametric representations for monosyllabic word recognition", 1980)."""
    return make(Mfcc, spectrogram, sample_rate, name=name, upper_frequency_limit=float(upper_frequency_limit),
                lower_frequency_limit=float(lower_frequency_limit), filterbank_channel_count=filterbank_channel_count,
                dct_coefficient_count=dct_coefficient_count)
