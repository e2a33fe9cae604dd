"""Architectures of the last years in plain numpy, each another way round than its spec; see networks_by_numpy."""

from __future__ import annotations

import numpy as np
from networks_by_numpy import Givens, Results, attend, layer_norm, log_loss, nll, relu, sigmoid, softmax, squares


def rms_norm(x: np.ndarray) -> np.ndarray:
    return x / np.sqrt(np.mean(x * x, axis=0) + 1e-5)


def attend_to_the_past(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    """What each query finds among the keys up to its own place."""
    ends = range(1, q.shape[1] + 1)
    return np.hstack([attend(q[:, end - 1 : end], k[:, :end], v[:, :end])[1] for end in ends])


def gin(m: Givens) -> Results:
    """Each atom walks through the list of its neighbours."""

    def heard(h: np.ndarray) -> np.ndarray:
        others = [h[:, np.flatnonzero(row)].sum(1) for row in m.Adj]
        return np.stack([(1 + m.eps[0, 0]) * own + other for own, other in zip(h.T, others, strict=True)], axis=1)

    average = [m.X[0, np.flatnonzero(row)].mean() for row in m.Adj]
    first = m.V1 @ relu(m.W1 @ heard(m.X) + m.b1)
    second = m.V2 @ relu(m.W2 @ heard(first) + m.b2)
    graphs = np.stack([second[:, :3].sum(1), second[:, 3:].sum(1)], axis=1)
    p = sigmoid(m.w @ graphs + m.b)
    return {"N": np.array([average]), "H1": first, "G": graphs, "P": p, "painted": p.repeat(3, axis=1),
            "L": log_loss(p, m.Y)}  # fmt: skip


def full_transformer(m: Givens) -> Results:
    x = np.stack([m.E[:, int(word)] for word in m.source[0]], axis=1) + m.Pos[:, :3]
    read, found = attend(m.Wq_1 @ x, m.Wk_1 @ x, m.Wv_1 @ x)
    n = layer_norm(x + found)
    memory = layer_norm(n + m.W2 @ relu(m.W1 @ n + m.b1))
    t = np.stack([m.D[:, int(word)] for word in m.written[0]], axis=1) + m.Pos
    n = layer_norm(t + attend_to_the_past(m.Wq_2 @ t, m.Wk_2 @ t, m.Wv_2 @ t))
    shares, found = attend(m.Wq_3 @ n, m.Wk_3 @ memory, m.Wv_3 @ memory)
    n = layer_norm(n + found)
    p = softmax(m.Wu @ layer_norm(n + m.W4 @ relu(m.W3 @ n + m.b3)))
    right = [p[int(word), place] for place, word in enumerate(m.next[0])]
    return {"A_1": read, "Memory": memory, "A_3": shares, "P": p, "L": -np.log(right).mean()}


def llama_block(m: Givens) -> Results:
    def turn(x: np.ndarray) -> np.ndarray:
        hand = (x[0] + 1j * x[1]) * np.exp(1j * np.arctan2(3, 4) * np.arange(3))
        return np.stack([hand.real, hand.imag])

    n = np.diag(m.g1[:, 0]) @ rms_norm(m.X)
    q, k = turn(m.Wq @ n), turn(m.Wk @ n)
    r = m.X + m.Wo @ attend_to_the_past(q, k, m.Wv @ n)
    n = np.diag(m.g2[:, 0]) @ rms_norm(r)
    out = r + m.Wd @ (m.Wg @ n * sigmoid(m.Wg @ n) * (m.Wu @ n))
    p = softmax(m.Ww @ out)
    return {"Q_turned": q, "K_turned": k, "R": r, "Out": out, "P": p, "L": nll(p, m.Y) / 3}


def kv_cache(m: Givens) -> Results:
    """Without a cache: all words are read anew for each that is written."""
    words, results = [*m.prompt[0].astype(int), int(m.word_1[0, 0])], {}
    for turn in range(1, 4):
        x = m.E[:, words]
        k, v = m.Wk @ x, m.Wv @ x
        scores = m.Wu @ (x[:, -1] + softmax(np.array([key @ (m.Wq @ x[:, -1]) for key in k.T])) @ v.T)
        words.append(int(scores.argmax()))
        results |= {f"score_{turn}": scores[:, None], f"word_{turn + 1}": np.array([[words[-1]]])}
    return {**results, "K_3": k, "V_3": v}


def vit(m: Givens) -> Results:
    patches = m.Picture.reshape(2, 2, 2, 2).transpose(1, 3, 0, 2).reshape(4, 4)
    x = np.column_stack([m.cls, m.We @ patches]) + m.Pos
    shares, found = attend(m.Wq @ x, m.Wk @ x, m.Wv @ x)
    p = softmax(m.Wh @ (x + found)[:, :1] + m.bh)
    return {"Patches": patches, "X": x, "A": shares, "P": p, "L": nll(p, m.Y)}


def latent_attention(m: Givens) -> Results:
    """As DeepSeek runs it: no key is ever unpacked, its weights are taken into the query's."""
    c, heads = m.Wd @ m.X, []
    for wq, wk, wv in ((m.Wq_1, m.Wk_1, m.Wv_1), (m.Wq_2, m.Wk_2, m.Wv_2)):
        heads.append(wv @ attend_to_the_past(wk.T @ wq @ m.X, c, c))
    out = m.Wo[:, :2] @ heads[0] + m.Wo[:, 2:] @ heads[1]
    return {"C": c, "Z_1": heads[0], "Z_2": heads[1], "O": out, "L": squares(out, m.Y)}


def alphafold(m: Givens) -> Results:
    pairs = m.Chain + np.mean([np.outer(m.wa * row, m.wb * row) for row in m.M], axis=0)
    triangles = np.einsum("ik,jk->ij", m.wc * pairs, m.wd * pairs)
    after = pairs + sigmoid(m.wg * pairs) * triangles
    p = sigmoid(m.wp * after + m.bp)
    return {"Z": pairs, "T": triangles, "Z_next": after, "P": p, "L": log_loss(p, m.Y) / 25}


def mlstm(m: Givens) -> Results:
    """All steps at once: every earlier value, as heavy as its gate and all forgetting since, by its key."""
    k, q, v = m.Wk @ m.X, m.Wq @ m.X, m.Wv @ m.X
    write, keep = np.exp(m.wi @ m.X + m.bi)[0], sigmoid(m.wf @ m.X + m.bf)[0]
    results = {}
    for t in range(3):
        heavy = [write[s] * np.prod(keep[s + 1 : t + 1]) * (k[:, s] @ q[:, t]) for s in range(t + 1)]
        found = sum(h * v[:, s] for s, h in enumerate(heavy)) / max(abs(sum(heavy)), 1)
        results[f"h_{t + 1}"] = (sigmoid(m.Wo @ m.X[:, t] + m.bo[:, 0]) * found)[:, None]
    return {**results, "L": squares(np.hstack(list(results.values())), m.Y)}


def slstm(m: Givens) -> Results:
    """Without the exponents that are taken off."""
    h, c, n, results = m.h_0, m.c_0, m.n_0, {}
    for t in range(3):
        xh = np.concatenate([m.X[:, [t]], h])
        write, keep = np.exp(m.Wi @ xh + m.bi), np.exp(m.Wf @ xh + m.bf)
        c, n = keep * c + write * np.tanh(m.Wz @ xh + m.bz), keep * n + write
        h = results[f"h_{t + 1}"] = sigmoid(m.Wo @ xh + m.bo) * c / n
    return {**results, "L": squares(h, m.Y)}


def bidirectional_lstm(m: Givens) -> Results:
    """The same reader for both directions; the second one gets the sentence turned around."""

    def read(words: np.ndarray, weights: np.ndarray, biases: np.ndarray) -> list[float]:
        hidden, cell, told = 0.0, 0.0, []
        for word in words.T:
            write, keep, new, show = weights[:, :3] @ word + weights[:, 3] * hidden + biases[:, 0]
            cell = cell * sigmoid(keep) + np.tanh(new) * sigmoid(write)
            hidden = np.tanh(cell) * sigmoid(show)
            told.append(hidden)
        return told

    both = np.array([read(m.X, m.W, m.b), read(m.X[:, ::-1], m.U, m.d)[::-1]])
    p = sigmoid(m.Wy @ both + m.by)
    return {"H": both, "P": p, "L": log_loss(p, m.Y)}


def dropout(m: Givens) -> Results:
    h = relu(m.W1 @ m.X + m.b1)

    def answer(hidden: np.ndarray) -> np.ndarray:
        return m.w @ (m.gamma * layer_norm(m.X + m.W2 @ hidden) + m.beta) + m.b

    thinned = answer(np.where(m.mask == 1, 2 * h, 0))
    return {"y_pred": thinned, "y_exam": answer(h), "L": squares(thinned, m.Y)}


def sampling(m: Givens) -> Results:
    """One temperature after the other, words counted off from the best."""
    best, nucleus, words = np.zeros((6, 3)), np.zeros((6, 3)), []
    for column, (heat, luck) in enumerate(zip(m.T[0], m.luck[0], strict=True)):
        p = softmax(m.z[:, 0] / heat)
        best[:3, column] = p[:3] / p[:3].sum()
        size = int(np.searchsorted(np.cumsum(p), m.limit[0, 0])) + 1
        nucleus[:size, column] = p[:size] / p[:size].sum()
        words.append(int(np.searchsorted(np.cumsum(nucleus[:, column]), luck)))
    return {"Pk": best, "Pp": nucleus, "word": np.array([words])}
