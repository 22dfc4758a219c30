"""Signals: windows, frames, short-time Fourier transforms, cosine transforms, mel spectrograms."""
