"""Names of tf.contrib that are only another name of a core function: {namespace: {core namespace: names}}.

`tools/generate_api.py` puts them in the table of public names; a pair 'new=old' is the core's `old` under the name `new`, and a
core namespace that ends in ':' a module of graphflow.
"""

ALIASES: dict[str, dict[str, str]] = {
    "contrib.distributions": {
        "distributions": "Bernoulli Beta Categorical Dirichlet DirichletMultinomial Distribution Exponential FULLY_REPARAMETERIZED Gamma "
                         "Laplace Multinomial NOT_REPARAMETERIZED Normal RegisterKL ReparameterizationType StudentT Uniform kl_divergence",
    },
    "contrib.eager": {
        "": "enable_eager_execution py_func=py_function GradientTape custom_gradient",
        "train": "Checkpoint",
    },
    "contrib.framework": {
        "train": "assert_global_step create_global_step get_global_step get_or_create_global_step",
    },
    "contrib.learn.datasets.mnist": {
        "datasets.mnist:": "DataSet extract_images extract_labels read_data_sets",
    },
    "contrib.learn.estimators.model_fn": {"contrib.learn.model_functions:": "ModeKeys ModelFnOps"},
    "contrib.learn.metric_spec": {"contrib.learn.model_functions:": "MetricSpec"},
    "contrib.learn.monitored_session": {"train": "MonitoredSession MonitoredTrainingSession Scaffold"},
    "contrib.learn.ops": {"contrib.layers.convolutions:": "conv2d=convolution2d"},
    "contrib.metrics": {
        "": "confusion_matrix",
        "metrics": "streaming_mean=mean streaming_mean_tensor=mean_tensor streaming_percentage_less=percentage_below",
        "sets": "set_difference=difference set_intersection=intersection set_size=size set_union=union",
    },
    "contrib.signal": {
        "signal": "frame hamming_window hann_window inverse_stft inverse_stft_window_fn linear_to_mel_weight_matrix "
                  "mfccs_from_log_mel_spectrograms overlap_and_add stft",
    },
    "contrib.slim": {
        "train": "assert_global_step create_global_step get_global_step get_or_create_global_step",
    },
}

# Namespaces that show the names of another one: modules of contrib.layers and contrib.framework that programs found below slim.
SAME: dict[str, str] = {
    **{f"{space}.{name}": "layers" for space in ("slim", "layers")
       for name in ("initializers", "layers", "optimizers", "regularizers", "utils")},
    "slim.variables": "framework",
}


def resolve(table: dict[str, str]) -> dict[str, str]:
    """{public name of contrib: where it is}, given the table of the core's names."""
    slim = {name.replace("layers", "slim", 1): where for name, where in table.items() if name.startswith("contrib.layers.")}
    found = {name: where for name, where in slim.items() if name not in table}     # slim has all names of layers
    for space, cores in ALIASES.items():
        for core, names in cores.items():
            for pair in names.split():
                new, _, old = pair.partition("=")
                public = f"{core}.{old or new}" if core else old or new
                found[f"{space}.{new}"] = f"graphflow.{core}{old or new}" if core.endswith(":") else table[public]
    return found
