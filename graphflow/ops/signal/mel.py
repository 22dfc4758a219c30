"""Spectrograms on the mel scale, mel(f) = 1127 ln(1 + f / 700) (O'Shaughnessy 1987), and their cepstral coefficients."""
from __future__ import annotations

from typing import Any

from ...core import context, dtypes
from ...core.convert import convert_to_tensor
from ...core.dtypes import float32
from ...core.export import export
from ...core.known import constant_value
from ...core.tensor import Tensor
from .. import functions as F
from .cosine import dct


def _mel(hertz: Any) -> Tensor:
    return 1127.0 * F.log(1.0 + hertz / 700.0)


@export("signal.linear_to_mel_weight_matrix")
def linear_to_mel_weight_matrix(num_mel_bins: int = 20, num_spectrogram_bins: int = 129, sample_rate: Any = 8000,
                                lower_edge_hertz: Any = 125.0, upper_edge_hertz: Any = 3800.0, dtype: Any = float32,
                                name: str | None = None) -> Tensor:
    """[num_spectrogram_bins, num_mel_bins]: a spectrogram times this is one on the mel scale.

    A mel bin is a triangle over frequencies, of height 1, from the middle of the bin before to that of the bin after, all of one width in
    mel between the edges. ValueError for edges that are not 0 <= lower < upper <= sample_rate / 2, or no bins.
    """
    with context.default_graph().name_scope(name or "linear_to_mel_weight_matrix"):
        kind = dtypes.as_dtype(dtype)
        rate = None if isinstance(sample_rate, Tensor) and constant_value(sample_rate) is None else float(constant_value(
            sample_rate) if isinstance(sample_rate, Tensor) else sample_rate)
        _check(num_mel_bins, rate, lower_edge_hertz, upper_edge_hertz, kind)
        nyquist = F.cast(convert_to_tensor(sample_rate), kind) / 2.0
        lower, upper = (F.cast(convert_to_tensor(edge), kind) for edge in (lower_edge_hertz, upper_edge_hertz))
        bins = F.expand_dims(_mel(F.linspace(F.zeros([], kind), nyquist, num_spectrogram_bins)[1:]), 1)
        edges = F.linspace(_mel(lower), _mel(upper), num_mel_bins + 2)
        left, middle, right = (F.reshape(edges[i:num_mel_bins + i], [1, num_mel_bins]) for i in range(3))
        rising, falling = (bins - left) / (middle - left), (right - bins) / (right - middle)
        weights = F.maximum(F.zeros([], kind), F.minimum(rising, falling))
        return F.pad(weights, [[1, 0], [0, 0]])     # the constant part belongs to no bin


def _check(bins: Any, rate: float | None, lower: Any, upper: Any, dtype: Any) -> None:
    if bins <= 0:
        raise ValueError(f"num_mel_bins must be positive. Got: {bins}")
    if lower < 0.0:
        raise ValueError(f"lower_edge_hertz must be non-negative. Got: {lower}")
    if lower >= upper:
        raise ValueError(f"lower_edge_hertz {lower:.1f} >= upper_edge_hertz {upper:.1f}")
    if rate is not None:
        if rate <= 0.0:
            raise ValueError(f"sample_rate must be positive. Got: {rate}")
        if upper > rate / 2:
            raise ValueError(f"upper_edge_hertz must not be larger than the Nyquist frequency (sample_rate / 2). Got {upper} for "
                             f"sample_rate: {rate}")
    if not dtype.is_floating:
        raise ValueError(f"dtype must be a floating point type. Got: {dtype!r}")


@export("signal.mfccs_from_log_mel_spectrograms")
def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: Any, name: str | None = None) -> Tensor:
    """The cepstral coefficients of spectrograms [..., num_mel_bins]: their cosine transform by sqrt(2 num_mel_bins), as HTK's."""
    with context.default_graph().name_scope(name or "mfccs_from_log_mel_spectrograms"):
        spectrograms = convert_to_tensor(log_mel_spectrograms)
        bins = spectrograms.static[-1] if spectrograms.static else None
        if bins == 0:
            raise ValueError("num_mel_bins must be positive. Got: 0")
        count = F.shape(spectrograms)[-1] if bins is None else bins
        return dct(spectrograms, 2) * F.rsqrt(F.cast(count, spectrograms.dtype) * 2.0)
