"""Networks that read step by step in plain numpy, another way round than the specs; see networks_by_numpy."""

from __future__ import annotations

import numpy as np
from networks_by_numpy import Givens, Results, log_loss, nll, sigmoid, softmax, squares


def rnn(m: Givens) -> Results:
    hidden, told = m.H0[:, 0], []
    for x in m.X.T:
        hidden = np.tanh(np.hstack([m.Wx, m.Wh]) @ np.concatenate([x, hidden]) + m.b[:, 0])
        told.append(hidden)
    out = m.Wy @ np.transpose(told) + m.by
    return {"H": np.transpose(told), "Y_pred": out, "L": squares(out, m.Y)}


def bidirectional_rnn(m: Givens) -> Results:
    def read(inputs: np.ndarray, weights: np.ndarray) -> list[np.ndarray]:
        told = [np.zeros(2)]
        for x in inputs.T:
            told.append(np.tanh(weights[:, :2] @ x + weights[:, 2:] @ told[-1]))
        return told[1:]

    both = np.vstack([np.transpose(read(m.X, m.Wf)), np.transpose(read(m.X[:, ::-1], m.Wb)[::-1])])
    return {"H": both, "P": m.Wo @ both, "L": squares(m.Wo @ both, m.Y)}


def lstm(m: Givens) -> Results:
    """All gates in one product, as PyTorch does it."""
    weights, biases = np.vstack([m.Wf, m.Wi, m.Wg, m.Wo]), np.vstack([m.bf, m.bi, m.bg, m.bo])[:, 0]
    hidden, cell = m.h_0[:, 0], m.c_0[:, 0]
    for x in m.X.T:
        keep, write, new, show = np.split(weights @ np.concatenate([x, hidden]) + biases, 4)
        cell = cell * sigmoid(keep) + np.tanh(new) * sigmoid(write)
        hidden = np.tanh(cell) * sigmoid(show)
    out = m.Wy @ hidden[:, None] + m.by
    return {"c_4": cell[:, None], "h_4": hidden[:, None], "y_pred": out, "L": squares(out, m.Y)}


def gru(m: Givens) -> Results:
    h = m.h_0[:, 0]
    for x in m.X.T:
        renew = sigmoid(m.Wz @ x + m.Uz @ h + m.bz[:, 0])
        heard = sigmoid(m.Wr @ x + m.Ur @ h + m.br[:, 0]) * h
        h = h + renew * (np.tanh(m.Wn @ x + m.Un @ heard + m.bn[:, 0]) - h)
    return {"h_3": h[:, None], "L": squares(h, m.Y[:, 0])}


def seq2seq(m: Givens) -> Results:
    state, read, scores = m.h_0[:, 0], [], []
    for x in m.X.T:
        state = np.tanh(m.We @ x + m.Ue @ state)
        read.append(state)
    memory = np.transpose(read)
    for x in m.B.T:
        state = np.tanh(m.Wd @ x + m.Ud @ state)
        found = memory @ softmax(memory.T @ state)
        scores.append(m.Wo[:, :2] @ state + m.Wo[:, 2:] @ found)
    p = softmax(np.transpose(scores))
    return {"H": memory, "P": p, "L": nll(p, m.Y) / 2}


def mlstm(m: Givens) -> Results:
    """All steps at once: every earlier value, as heavy as its gate and all forgetting since, by its key."""
    k, q, v = m.Wk @ m.X, m.Wq @ m.X, m.Wv @ m.X
    write, keep, told = np.exp(m.Wi @ m.X + m.bi)[0], sigmoid(m.Wf @ m.X + m.bf)[0], []
    for t in range(2):
        heavy = [write[s] * np.prod(keep[s + 1 : t + 1]) * (k[:, s] @ q[:, t]) for s in range(t + 1)]
        told.append(sum(h * v[:, s] for s, h in enumerate(heavy)) / max(abs(sum(heavy)), 1))
    found = np.transpose(told)
    out = sigmoid(m.Wo @ m.X + m.bo) * found
    return {"h_2": out[:, 1:], "Y_pred": out, "L": squares(out, m.Y)}


def slstm(m: Givens) -> Results:
    """Without the exponents that are taken off; the largest is found among all that ever were."""
    h, c, n, results, all_exponents = 0.0, 0.0, 0.0, {}, [0.0]
    for t, x in enumerate(m.X.T, 1):
        gates = [(m.Wz, m.bz), (m.Wo, m.bo), (m.Wi, m.bi), (m.Wf, m.bf)]
        new, show, write, keep = (float(weights[0] @ [*x, h] + bias[0, 0]) for weights, bias in gates)
        c, n = np.exp(keep) * c + np.exp(write) * np.tanh(new), np.exp(keep) * n + np.exp(write)
        all_exponents = [*(exponent + keep for exponent in all_exponents), write]
        h = sigmoid(show) * c / n
        results |= {f"m_{t}": max(all_exponents), f"h_{t}": h}
    return {**results, "L": squares(h, m.Y)}


def bidirectional_lstm(m: Givens) -> Results:
    """The same reader for both directions; the second one gets the sentence turned around."""

    def read(words: np.ndarray, side: str) -> list[float]:
        weights, biases = getattr(m, f"W{side}"), getattr(m, f"b{side}")
        hidden, cell, told = 0.0, 0.0, []
        for word in words.T:
            write, keep, show, new = weights[:, :-1] @ word + weights[:, -1] * hidden + biases[:, 0]
            cell = cell * sigmoid(keep) + np.tanh(new) * sigmoid(write)
            hidden = np.tanh(cell) * sigmoid(show)
            told.append(hidden)
        return told

    both = np.array([read(m.X, ""), read(m.X[:, ::-1], "r")[::-1]])
    p = sigmoid(m.Wy @ both + m.by)
    return {"H": both, "P": p, "L": log_loss(p, m.Y)}
