"""Sessions: what a run asks for, the stored values of variables, and the engines that turn plans into callables."""
