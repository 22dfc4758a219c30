"""Operations on strings: arrays of bytes objects."""
