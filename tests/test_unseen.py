"""Networks, each of which equals plain numpy written from its definition, and learns.

Gradients are compared with central differences in test_gallery, both engines too.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import architectures_by_numpy
import feedforward_by_numpy
import methods_by_numpy
import networks_by_numpy
import numpy as np
import pytest
import recurrent_by_numpy
import yaml
from by_specs import PATHS, compiled

HEADLINES: dict[str, dict[str, Any]] = {
    "gan_step": {"L_gen": 5.969158, "L_gen_new": 0.999428, "p_fake": [0.310026, 0.026597, 0.310026]},
    "mamba": {"L": 3.029786, "L_new": 1.750639, "y_3": [-0.46611, 0.01513]},
    "mixture_of_experts": {"L": 2.989995, "L_new": 0.169328, "y_pred": [4.655293, 2.5]},
    "unet": {"L": 3.031866, "L_new": 2.552624, "P": [0.119203, 0.017986, 0.119203]},
    "rope": {"L": 4.565125, "L_new": 2.448085, "Z": [1.151374, 1.342243, 1.275944]},
    "graphsage": {"L": 0.493252, "L_new": 0.465274, "P": [0.268941, 0.119203, 0.562177]},
    "clip": {"L": 0.299523, "L_new": 0.183668, "P_image": [0.482648, 0.037793, 0.019181]},
    "ddpm_step": {"L": 8.24, "L_new": 3.837144, "X_before": [2.012461, 0.819892, -0.67082]},
    "distillation": {"L_soft": 2.987666, "L_hard": 1.677207, "L": 6.813935, "L_new": 6.228491},
    "cross_attention": {"L": 1.753705, "L_new": 0.889285, "A": [0.672842, 0.087949]},
    "batch_norm": {"L": 0.74, "L_new": 0.267216, "Y_pred": [0, 1.999999, 0.6]},
    "highway": {"L": 3.081292, "L_new": 2.293954, "P": [0.685505, 0.597034, 0.244455]},
    "densenet": {"L": 1.753451, "L_new": 0.608330, "P": [0.880797, 0.731059, 0.731059]},
    "gcn_normalised": {"L": 0.468957, "L_new": 0.418745, "P": [0.744518, 0.640187, 0.504524]},
    "deep_mlp": {"L": 1.39301, "L_new": 0.417893, "P": [0.5, 0.006693, 0.5]},
    "triplet_loss": {"L": 5, "L_new": 0.790582, "near": [2, 4, 8]},
    "simclr": {"L": 0.292467, "L_new": 0.087381, "P": [0, 0.288376, 0.850191]},
    "memory_network": {"L": 0.256747, "L_new": 0.043948, "P": [0.773564, 0.224277, 0.002159]},
    "neural_ode": {"L": 2.010926, "L_new": 1.20236, "h_5": [0.718347, 0.957933, -0.153522]},
    "lenet": {"L": 0.580241, "L_new": 0.396667, "P": [0.559763, 0.440237]},
    "decoder_block": {"L": 2.209237, "L_new": 1.21034, "P": [0.078672, 0.055225, 0.503818]},
    "gumbel_softmax": {"L": 1.151259, "L_new": 1.044833, "soft": [0.52389, 0.286366, 0.358566]},
    "squeeze_excitation": {"L": 3.262994, "L_new": 0.717183, "volume": [0.880797, 0.268941, 0.731059]},
    "capsule_routing": {"L": 0.057595, "L_new": 0.000716, "p": [0.334255, 0.847847]},
    "logistic_regression_step": {"L": 0.5545, "L_new": 0.526664, "P": [0.119203, 0.268941, 0.5]},
    "linear_regression_step": {"L": 9.833333, "L_new": 0.693517, "w_best": 2.057143, "b_best": 0.8, "L_best": 0.32381},
    "ridge_regression": {"L": 13, "L_new": 9.08, "w_best": [1.1, 0.85], "L_best": 6.85},
    "matrix_factorisation": {"fit": 12, "cost": 3.4, "L": 15.4, "L_new": 6.133491},
    "reinforce": {"L": -0.370717, "L_new": -1.855124, "p_taken": [0.576117, 0.576117, 0.333333]},
    "dqn": {"L": 2.31, "L_new": 0.836321, "goal": [1.8, 3.7, 5]},
    "adam_by_hand": {"L_1": 6, "L_4": 0.806451, "theta_3": [1.869055, 0.822999]},
    "momentum": {"f_0": 52, "f_8": 4.035317, "p_8": [2.055334, 0.62018]},
    "hopfield": {"energy_1": -28, "energy_3": -36, "like_T1": 7},
    "kmeans": {"spread_1": 66, "spread_3": 8, "M_3": [3, 6, 2]},
    "pagerank": {"r_5": [27.779632, 18.528301, 29.152508, 14.950064]},
    "power_iteration": {"lam_6": 3.998049, "v_6": [0.718068, 0.695973]},
    "markov_chain": {"p_5": [0.39742, 0.35959], "p_8": [0.393649, 0.3606, 0.24575]},
    "heads_of_two_sizes": {"L": 1.975487, "L_new": 1.110802, "Z2": [1.167943, 1.167943, 1.532897]},
    "cached_attention": {"share": [0.042010, 0.114195], "Z": [1, 1, 2.687590], "answer": [2.687590, 0.957990]},
    "lora": {"L": 5, "L_new": 3.485238, "B_new": [0.18, 0, 0.18], "A_new": [0.92, -0.92, 0, 0.84]},
    "svm": {"slack": 2, "L": 2.125, "L_new": 0.33625, "w_new": [0.65, 0.5]},
    "fourier_transform": {"a": [1.5, -0.353553, 0.5], "power": [1.5, 0.92388, 0.707107], "x_again": [2, 1, 0, 1]},
    "modern_hopfield": {"s_3": [0.761107, 0.718116, 0.72544]},
    "gin": {"G": [12, 11], "P": [0.310026, 0.622459], "L": 2.145178, "L_new": 0.701717},
    "full_transformer": {"P": [0.173488, 0.103343], "next": [1, 2, 3]},
    "llama_block": {"P": [0.970831, 0.550096], "L": 1.614997, "L_new": 0.060458},
    "kv_cache": {"word_2": 3, "word_3": 0, "K_2": [1, 3, 1, -1]},
    "vit": {"P": [0.618809, 0.381191], "L": 0.479959, "L_new": 0.131027},
    "latent_attention": {"C": [2, 1], "Z_1": [2, 1.107042], "L": 10.417342, "L_new": 3.660936},
    "alphafold": {"Z": [0, 1], "Z_next": [0.537883, 1], "L": 11.688545, "L_new": 9.915708},
    "mlstm": {"Y_pred": [0.731059, 0.365529, 1, 1.068893], "L": 1.210687, "L_new": 0.962944},
    "slstm": {"h_3": 0.308441, "L": 0.478254, "L_new": 0.171744},
    "bidirectional_lstm": {"H": [0.369606, 0.113011], "P": [0.86117, 0.498982], "L": 1.296391, "L_new": 0.844133},
    "mlp": {"Y_pred": [0.268941, 0.119203], "L": 1.753451, "L_new": 1.23676},
    "autoencoder": {"X_pred": [1, 3], "L": 7, "L_new": 4.376299},
    "resnet": {"P": [0.731059, 0.731059], "L": 1.626523, "L_new": 0.608615},
    "mobilenet": {"M": [3, 0, 1, 0], "P": [0.268941, 0.731059], "L": 1.313262, "L_new": 0.703723},
    "cnn": {"P": [0.731059, 0.268941], "L": 0.313262, "L_new": 0.096809},
    "vae": {"R": 1.918369, "D": 4.546145, "L": 6.464514, "L_new": 5.152663},
    "siamese": {"d": [1.414214, 2, 4], "L": 3, "L_new": 1.796291},
    "rnn": {"Y_pred": [0, 0.714146], "L": 1.896426, "L_new": 1.142149},
    "lstm": {"c_4": [0.608461, -0.226621], "y_pred": 0.736521, "L": 0.069421, "L_new": 0.011335},
    "gru": {"h_3": [-0.783631, 0.316846], "L": 3.28173, "L_new": 2.177108},
    "seq2seq": {"P": [0.554071, 0.165196], "L": 0.716698, "L_new": 0.422843},
    "self_attention": {"Z": [1, 1], "L": 4.883903, "L_new": 3.541089},
    "multi_head_attention": {"O": [1.265865, 1.890868], "L": 7.08504, "L_new": 4.682497},
    "transformer": {"P": [0.069518, 0.004821], "L": 3.253454, "L_new": 2.014608},
    "graph_attention": {"Out": [0.832018, 1.362462], "L": 9.935793, "L_new": 4.674778},
    "bidirectional_rnn": {"P": [2.048856, 0.260358], "L": 3.839287, "L_new": 1.475042},
    "word2vec": {"p": [0.268941, 0.268941], "L": 3.753451, "L_new": 2.759506},
    "dropout": {"y_train": [0.588347, -1.459991], "y_exam": [-2.449471, 0], "L": 2.853136, "L_new": 0.34109},
    "sampling": {"P_k": [0.866813, 0.665241, 0.50648], "word_p": [0, 1, 3]},
    "padding": {"L": 0.384843, "L_new": 0.221235, "count": 5},
    "kalman": {"x_4": [7.070639, 1.73738], "K_4": [0.563745, 0.227482]},
}  # fmt: skip
"""The first numbers, row by row, of what each network is about."""

BY_NUMPY = (networks_by_numpy, feedforward_by_numpy, recurrent_by_numpy, architectures_by_numpy, methods_by_numpy)

LEARNING = [name for name, numbers in HEADLINES.items() if any(key.endswith("_new") for key in numbers)]


@cache
def written(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load(PATHS[name].read_text(encoding="utf-8")))


def givens(name: str) -> dict[str, np.ndarray]:
    """The matrices that the spec's text gives, and the adjacency of its edges."""
    spec = written(name)
    entries = {key: entry.get("value", np.zeros(entry.get("zeros", ()))) for key, entry in spec["matrices"].items()}
    arrays = {key: np.array(value, dtype=float) for key, value in entries.items()}
    found = {key: array if array.ndim > 1 else array.reshape(-1, 1) for key, array in arrays.items()}
    graph = spec.get("graph", {})
    if "nodes" in graph:
        place = graph["nodes"].index
        found["Adj"] = np.zeros((len(graph["nodes"]),) * 2)
        for start, end in graph["edges"]:
            found["Adj"][place(start), place(end)] = 1
            if not graph.get("directed"):
                found["Adj"][place(end), place(start)] = 1
    return found


def by_numpy(name: str, matrices: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    written_out = next(getattr(module, name) for module in BY_NUMPY if hasattr(module, name))
    return dict(written_out(SimpleNamespace(**matrices)))


@pytest.mark.parametrize("name", HEADLINES)
def test_forward(name: str) -> None:
    values, expected = compiled(name).values, by_numpy(name, givens(name))
    assert written(name).get("loss") in {None, *expected}
    for key, value in expected.items():
        assert np.shape(value) == values[key].shape or np.shape(value) == (), key
        np.testing.assert_allclose(values[key], value, rtol=1e-9, atol=1e-12, err_msg=key)


def renewed(name: str, sizes: tuple[int, ...], values: dict[str, np.ndarray]) -> np.ndarray:
    """A parameter after the update; with channels, the array of its matrices."""
    places = [np.array(at) + 1 for at in np.ndindex(*sizes[:-2])]
    return np.array([values["_".join([name, *map(str, at), "new"])] for at in places]).reshape(sizes)


@pytest.mark.parametrize("name", LEARNING)
def test_the_loss_falls_to_what_numpy_says(name: str) -> None:
    """The same network, given the new parameters, has the new loss."""
    values, loss = compiled(name).values, written(name)["loss"]
    roles = {key: entry["role"] for key, entry in written(name)["matrices"].items()}
    old = givens(name)
    new = {key: renewed(key, old[key].shape, values) for key, role in roles.items() if role == "parameter"}
    after = by_numpy(name, {**old, **new})[loss]
    assert values[f"{loss}_new"][0, 0] == pytest.approx(after, rel=1e-9)
    assert after < values[loss][0, 0] - 0.01


@pytest.mark.parametrize("name", HEADLINES)
def test_headlines(name: str) -> None:
    for key, expected in HEADLINES[name].items():
        found = compiled(name).values[key].ravel()[: np.size(expected)]
        np.testing.assert_allclose(found, np.ravel(expected), rtol=0, atol=6e-7, err_msg=key)


def test_methods_come_closer() -> None:
    """Where steps are written by hand and nothing is trained, the last is better than the first."""
    adam, ball, groups, power = (compiled(name).values for name in ("adam_by_hand", "momentum", "kmeans",
                                                                    "power_iteration"))  # fmt: skip
    before, then, later = ((adam[f"e_{t}"] ** 2).sum() / 2 for t in (1, 2, 3))
    assert adam["L_4"] < later < then < before == adam["L_1"]
    assert ball["f_8"] < ball["f_4"] < ball["f_0"]
    assert groups["spread_3"] < groups["spread_2"] < groups["spread_1"]
    assert abs(power["lam_6"] - 4) < abs(power["lam_3"] - 4)  # the eigenvalues are 2 and 4
