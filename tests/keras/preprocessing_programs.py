"""What tf.keras.preprocessing makes of texts and series."""
import random

import numpy as np

TEXTS = ["The cat sat on the mat.", "The dog sat on the log!", "Dogs & cats: living together?", "", "the the THE"]


def program_texts(tf):
    text = tf.keras.preprocessing.text
    found = [text.text_to_word_sequence(TEXTS[2]), text.text_to_word_sequence("A,b c", filters=",", lower=False, split="c"),
             text.hashing_trick(TEXTS[0], 20, "md5"), text.hashing_trick(TEXTS[0], 20, len)]
    for arguments in ({}, {"num_words": 4}, {"num_words": 4, "oov_token": "<?>"}, {"oov_token": "<?>"}, {"char_level": True},
                      {"lower": False}):
        tokenizer = text.Tokenizer(**arguments)
        tokenizer.fit_on_texts(TEXTS)
        numbers = tokenizer.texts_to_sequences([*TEXTS, "a cat and a mat"])
        found.append([dict(tokenizer.word_index), dict(tokenizer.word_counts), sorted(tokenizer.word_docs.items()), numbers,
                      sorted(tokenizer.index_docs.items()), tokenizer.sequences_to_texts(numbers), tokenizer.document_count,
                      [tokenizer.texts_to_matrix(TEXTS, mode) for mode in ("binary", "count", "tfidf")],
                      tokenizer.sequences_to_matrix([n for n in numbers if n], "freq")])
        again = text.tokenizer_from_json(tokenizer.to_json())
        found.append([again.texts_to_sequences(TEXTS), again.texts_to_matrix(TEXTS, "tfidf"), again.num_words])
    words = text.Tokenizer()
    words.fit_on_texts([["A", "b"], ["b", "c d"]])
    other = text.Tokenizer(num_words=5)
    other.fit_on_sequences([[1, 2, 2], [4]])
    return found, words.texts_to_sequences([["a", "c d"]]), other.sequences_to_matrix([[1, 4, 4], [2]], "tfidf")


def program_skipgrams(tf):
    sequence = tf.keras.preprocessing.sequence
    random.seed(4)
    np.random.seed(4)
    table = sequence.make_sampling_table(10, 1e-2)
    return (table, sequence.skipgrams([1, 2, 0, 3, 4], 6, window_size=2, seed=3), sequence.skipgrams([1, 2, 3], 6, 1, 0.0, shuffle=False),
            sequence.skipgrams([1, 2, 3], 6, 1, categorical=True, shuffle=False), sequence.skipgrams([1, 2, 3, 4], 6, sampling_table=table))


def program_windows_of_series(tf):
    sequence = tf.keras.preprocessing.sequence
    series, targets = np.arange(20.0), np.arange(20.0) * 10
    found = []
    for arguments in ({"length": 4}, {"length": 4, "sampling_rate": 2, "stride": 3, "batch_size": 2}, {"length": 3, "reverse": True},
                      {"length": 2, "start_index": 3, "end_index": 11, "batch_size": 4}):
        windows = sequence.TimeseriesGenerator(series, targets, **{"batch_size": 5, **arguments})
        found.append([len(windows), [windows[i] for i in range(len(windows))]])
    shuffled = sequence.TimeseriesGenerator(series, targets, 4, shuffle=True, batch_size=3)
    return found, shuffled[0], sorted(windows.get_config())
