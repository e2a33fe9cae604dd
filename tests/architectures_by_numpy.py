"""Attention, graphs, and what is built of them, in plain numpy, see networks_by_numpy."""

from __future__ import annotations

import numpy as np
from networks_by_numpy import Givens, Results, attend, layer_norm, log_loss, nll, relu, sigmoid, softmax, squares


def rms_norm(x: np.ndarray) -> np.ndarray:
    return x / np.sqrt(np.mean(x * x, axis=0))


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
    return {"average": np.array([average]), "H1": first, "G": graphs, "P": p, "L": log_loss(p, m.Y)}


def full_transformer(m: Givens) -> Results:
    x = np.stack([m.E[:, int(word)] for word in m.source[0]], axis=1) + m.Pos_E
    read, found = attend(m.Wq_1 @ x, m.Wk_1 @ x, x)
    n = layer_norm(x + found)
    memory = layer_norm(n + m.W2 @ relu(m.W1 @ n))
    t = np.stack([m.D[:, int(word)] for word in m.written[0]], axis=1) + m.Pos_D
    n = layer_norm(t + attend_to_the_past(m.Wq_2 @ t, m.Wk_2 @ t, t))
    shares, found = attend(m.Wq_3 @ n, m.Wk_3 @ memory, memory)
    n = layer_norm(n + found)
    p = softmax(m.Wu @ layer_norm(n + m.W4 @ relu(m.W3 @ n)))
    return {"A_1": read, "Memory": memory, "A_3": shares, "P": p, "next": np.array([[col.argmax() for col in p.T]])}


def llama_block(m: Givens) -> Results:
    def turn(x: np.ndarray) -> np.ndarray:
        hand = (x[0] + 1j * x[1]) * np.exp(1j * np.arctan2(3, 4) * np.arange(3))
        return np.stack([hand.real, hand.imag])

    n = rms_norm(m.X)
    q, k = turn(m.W_Q @ n), turn(m.W_K @ n)
    r = m.X + attend_to_the_past(q, k, m.Wv @ n)
    n = rms_norm(r)
    out = r + m.Wd @ (m.W_g @ n * sigmoid(m.W_g @ n) * (m.W_u @ n))
    p = softmax(m.Ww @ out)
    return {"Q_rot": q, "K_rot": k, "R": r, "Out": out, "P": p, "L": nll(p, m.Y)}


def kv_cache(m: Givens) -> Results:
    """Without a cache: all words are read anew for each that is written."""
    words, results = [*m.prompt[0, :2].astype(int), int(m.word_1[0, 0])], {}
    for turn in range(1, 3):
        x = m.E[:, words]
        k, v = m.Wk @ x, m.Wv @ x
        scores = m.Wu @ (x[:, -1] + softmax(np.array([key @ (m.Wq @ x[:, -1]) for key in k.T])) @ v.T)
        words.append(int(scores.argmax()))
        results |= {f"score_{turn}": scores[:, None], f"word_{turn + 1}": np.array([[words[-1]]])}
    return {**results, "K_2": k, "V_2": v}


def vit(m: Givens) -> Results:
    patches = m.Picture.reshape(2, 2, 2, 2).transpose(1, 3, 0, 2).reshape(4, 4)
    x = np.column_stack([m.cls, m.We @ patches]) + m.Pos
    shares, found = attend(m.Wq @ x, m.Wk @ x, x)
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
    pairs = m.Chain - np.mean([np.outer(row, row) for row in m.M], axis=0)
    triangles = np.einsum("ik,jk->ij", pairs, pairs)
    after = pairs + sigmoid(pairs + m.bg) * triangles
    p = sigmoid(m.wp * after + m.bp)
    return {"Z": pairs, "T": triangles, "Z_next": after, "P": p, "L": log_loss(p, m.Y)}





def dropout(m: Givens) -> Results:
    h = relu(m.W1 @ m.X + m.b1)

    def answer(hidden: np.ndarray) -> np.ndarray:
        return m.w @ layer_norm(m.X + m.W2 @ hidden) + m.b

    thinned = answer(np.where(m.mask == 1, 2 * h, 0))
    return {"y_train": thinned, "y_exam": answer(h), "L": squares(thinned, m.Y)}


def sampling(m: Givens) -> Results:
    """One temperature after the other, words counted off from the best."""
    best, nucleus, words, three = np.zeros((6, 3)), np.zeros((6, 3)), [], []
    for column, (heat, luck) in enumerate(zip(m.T[0], m.luck[0], strict=True)):
        p = softmax(m.z[:, 0] / heat)
        best[:3, column] = p[:3] / p[:3].sum()
        size = int(np.searchsorted(np.cumsum(p), m.limit[0, 0])) + 1
        nucleus[:size, column] = p[:size] / p[:size].sum()
        words.append(int(np.searchsorted(np.cumsum(nucleus[:, column]), luck)))
        three.append(int(np.searchsorted(np.cumsum(best[:, column]), luck)))
    return {"P_k": best, "P_p": nucleus, "word_k": np.array([three]), "word_p": np.array([words])}


def self_attention(m: Givens) -> Results:
    shares, z = attend(m.Wq @ m.X, m.Wk @ m.X, m.Wv @ m.X)
    return {"A": shares, "Z": z, "L": squares(z, m.Y)}


def multi_head_attention(m: Givens) -> Results:
    heads = ((m.Wq_1, m.Wk_1, m.Wv_1), (m.Wq_2, m.Wk_2, m.Wv_2))
    (first, one), (second, two) = (attend(wq @ m.X, wk @ m.X, wv @ m.X) for wq, wk, wv in heads)
    out = m.Wo[:, :2] @ one + m.Wo[:, 2:] @ two + m.bo
    return {"A_1": first, "A_2": second, "O": out, "L": squares(out, m.Y)}


def transformer(m: Givens) -> Results:
    x = m.E[:, m.tokens[0].astype(int)] + m.Pos
    z = attend_to_the_past(m.Wq @ x, m.Wk @ x, m.Wv @ x)
    n = layer_norm(x + z)
    p = softmax(m.Wu @ layer_norm(n + m.W2 @ relu(m.W1 @ n + m.b1) + m.b2))
    return {"X": x, "Z": z, "P": p, "L": -np.log(p[m.next[0].astype(int), range(5)]).mean()}


def graph_attention(m: Givens) -> Results:
    """Each node with the list of those it listens to, itself among them."""
    h, found = m.W @ m.X, []
    for node in range(4):
        heard = [other for other in range(4) if other == node or m.Adj[other, node]]
        scores = np.array([(m.a_from @ h[:, other] + m.a_to @ h[:, node])[0] for other in heard])
        found.append(h[:, heard] @ softmax(np.where(scores > 0, scores, scores / 5)))
    out = np.stack(found, axis=1)
    return {"Out": out, "L": squares(out, m.Y)}


def padding(m: Givens) -> Results:
    """Sentence by sentence, as if the padding weren't there."""
    losses = []
    for words, kinds in ((m.words_short[0], m.Y_short), (m.words_long[0], m.Y_long)):
        there = np.flatnonzero(words)
        x = m.E[:, words[there].astype(int)]
        p = softmax(m.W @ (x + x @ softmax(x.T @ x)))
        losses.append(nll(p, kinds[:, there]))
    count = np.count_nonzero([m.words_short, m.words_long])
    return {"P_long": p, "L_short": losses[0], "L_long": losses[1], "count": count, "L": sum(losses) / count}
