"""Losses of `tf.losses`: each adds itself to a collection that `get_total_loss` sums."""
