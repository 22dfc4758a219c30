"""After the tutorial of wide and deep models: columns of all kinds, a file of comma-separated values, evaluation after each epoch."""
import os
import tempfile

import numpy as np
import tensorflow as tf

COLUMNS = ["age", "education_num", "occupation", "relationship", "hours_per_week", "income_bracket"]
DEFAULTS = [[0], [0], [""], [""], [0], [""]]
folder = tempfile.mkdtemp()


def write(path, seed, count):
    r = np.random.RandomState(seed)
    with open(path, "w") as f:
        for _ in range(count):
            age, years, hours = r.randint(18, 80), r.randint(4, 16), r.randint(10, 60)
            job, family = r.choice(["Sales", "Tech-support", "Other"]), r.choice(["Husband", "Wife", "Unmarried"])
            rich = (age - 20) / 30 + (years - 8) / 4 + 1.0 * (job == "Tech-support") > 2
            f.write("%d,%d,%s,%s,%d,%s\n" % (age, years, job, family, hours, ">50K" if rich else "<=50K"))


def build_columns():
    fc = tf.feature_column
    age, years, hours = fc.numeric_column("age"), fc.numeric_column("education_num"), fc.numeric_column("hours_per_week")
    family = fc.categorical_column_with_vocabulary_list("relationship", ["Husband", "Wife", "Unmarried"])
    job = fc.categorical_column_with_hash_bucket("occupation", hash_bucket_size=1000)
    ages = fc.bucketized_column(age, boundaries=[18, 25, 30, 35, 40, 45, 50, 55, 60, 65])
    wide = [family, job, ages, fc.crossed_column([ages, "occupation"], hash_bucket_size=1000)]
    deep = [fc.numeric_column("age", normalizer_fn=lambda x: x / 80), fc.numeric_column("education_num", normalizer_fn=lambda x: x / 16),
            hours if False else fc.numeric_column("hours_per_week", normalizer_fn=lambda x: x / 60), fc.indicator_column(family),
            fc.embedding_column(job, dimension=8)]
    del years
    return wide, deep


def input_fn(data_file, num_epochs, shuffle, batch_size):
    def parse_csv(value):
        features = dict(zip(COLUMNS, tf.decode_csv(value, record_defaults=DEFAULTS)))
        labels = features.pop("income_bracket")
        return features, tf.equal(labels, ">50K")
    dataset = tf.data.TextLineDataset(data_file)
    if shuffle:
        dataset = dataset.shuffle(buffer_size=1000, seed=2)
    return dataset.map(parse_csv, num_parallel_calls=2).repeat(num_epochs).batch(batch_size)


def main(_):
    train, test = os.path.join(folder, "adult.data"), os.path.join(folder, "adult.test")
    write(train, 0, 800)
    write(test, 1, 200)
    wide, deep = build_columns()
    model = tf.estimator.DNNLinearCombinedClassifier(
        model_dir=os.path.join(folder, "model"), linear_feature_columns=wide, dnn_feature_columns=deep, dnn_hidden_units=[20, 10],
        dnn_optimizer=tf.train.AdagradOptimizer(0.1), linear_optimizer=tf.train.FtrlOptimizer(0.1),
        config=tf.estimator.RunConfig().replace(session_config=tf.ConfigProto(device_count={"GPU": 0})))
    for n in range(2):
        model.train(input_fn=lambda: input_fn(train, 2, True, 40))
        results = model.evaluate(input_fn=lambda: input_fn(test, 1, False, 40))
        print("Results at epoch", (n + 1) * 2, "accuracy: %.3f auc: %.3f" % (results["accuracy"], results["auc"]))


if __name__ == "__main__":
    tf.logging.set_verbosity(tf.logging.WARN)
    tf.app.run(main=main)
