"""Networks written from their definitions in plain numpy: what the specs of the same names are to compute.

Each takes the matrices that the spec gives, as attributes, and returns what is compared, the loss among it.
"""

from __future__ import annotations

from types import SimpleNamespace as Givens

import numpy as np

Results = dict[str, np.ndarray]


def relu(x: np.ndarray) -> np.ndarray:
    return x * (x > 0)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def softmax(x: np.ndarray, axis: int = 0) -> np.ndarray:
    return np.exp(x) / np.exp(x).sum(axis, keepdims=True)


def nll(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cross-entropy, summed."""
    return -(y * np.log(p)).sum()


def log_loss(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Binary cross-entropy, summed; y is 0 or 1."""
    return -np.log(np.where(y == 1, p, 1 - p)).sum()


def squares(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return ((a - b) ** 2).sum()


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=0)


def layer_norm(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)


def attend(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares and mixed values, one query at a time."""
    shares = np.stack([softmax(np.array([key @ query / np.sqrt(len(query)) for key in k.T])) for query in q.T], axis=1)
    return shares, v @ shares


def windows(x: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Each place where `k` fits on `x`, multiplied and added up."""
    return (np.lib.stride_tricks.sliding_window_view(x, k.shape) * k).sum((2, 3))


def gan_step(m: Givens) -> Results:
    fake = m.Wg2 @ relu(m.Wg1 @ m.noise + m.bg1) + m.bg2

    def discriminator(x: np.ndarray) -> np.ndarray:
        hidden = m.Wd1 @ x + m.bd1
        return sigmoid(m.Wd2 @ np.maximum(hidden, hidden / 5) + m.bd2)

    real, forged = discriminator(m.X_real), discriminator(fake)
    return {"X_fake": fake, "p_real": real, "p_fake": forged,
            "L_dis": -np.log(real).sum() - np.log(1 - forged).sum(), "L_gen": -np.log(forged).sum()}  # fmt: skip


def mamba(m: Givens) -> Results:
    h, out = np.zeros((2, 2)), np.empty((2, 3))
    for t, x in enumerate(m.X.T):
        delta = np.log1p(np.exp(m.Wd @ x + m.bd[:, 0]))
        write, read = m.Wb @ x, m.Wc @ x
        for channel in range(2):
            for n in range(2):
                h[channel, n] *= np.exp(delta[channel] * m.A[channel, n])
                h[channel, n] += delta[channel] * write[n] * x[channel]
            out[channel, t] = h[channel] @ read + m.skip[channel, 0] * x[channel]
    return {"h_3": h, "Y_pred": out, "L": squares(out, m.Y)}


def mixture_of_experts(m: Givens) -> Results:
    """Only those that the gate chooses are asked."""
    share, out = np.zeros((3, 2)), np.zeros((1, 2))
    for i, x in enumerate(m.X.T):
        scores = m.Wg @ x
        best = np.argsort(scores)[-2:]
        share[best, i] = softmax(scores[best])
        for k in best:
            weights, answer = (vars(m)[f"{name}{k + 1}"] for name in ("W", "v"))
            out[0, i] += share[k, i] * (answer @ relu(weights @ x))[0]
    return {"share": share, "y_pred": out, "L": squares(out, m.Y)}


def unet(m: Givens) -> Results:
    def conv(x: np.ndarray, k: np.ndarray, b: np.ndarray) -> np.ndarray:
        return windows(np.pad(x, ((0, 0), (1, 1))), k) + b

    def halve(x: np.ndarray) -> np.ndarray:
        return x.reshape(1, -1, 2).max(2)

    down1 = relu(conv(m.X, m.K1, m.b1))
    down2 = relu(conv(halve(down1), m.K2, m.b2))
    bottom = relu(conv(halve(down2), m.K3, m.b3))
    up2 = relu(conv(np.vstack([down2, bottom.repeat(2, axis=1)]), m.K4, m.b4))
    p = sigmoid(conv(np.vstack([down1, up2.repeat(2, axis=1)]), m.K5, m.b5))
    return {"D3": bottom, "D4": up2, "P": p, "L": log_loss(p, m.Y)}


def rope(m: Givens) -> Results:
    def turn(x: np.ndarray) -> np.ndarray:
        """Pairs of features as complex numbers, turned by position times the pair's angle."""
        angles = np.outer([np.pi / 2, np.arctan2(3, 4)], np.arange(3))
        turned = (x[0::2] + 1j * x[1::2]) * np.exp(1j * angles)
        return np.stack([turned.real, turned.imag], axis=1).reshape(x.shape)

    q, k = turn(m.Wq @ m.X), turn(m.Wk @ m.X)
    shares, z = attend(q, k, m.Wv @ m.X)
    return {"Qr": q, "Kr": k, "A": shares, "Z": z, "L": squares(z, m.Y)}


def graphsage(m: Givens) -> Results:
    def heard(x: np.ndarray) -> np.ndarray:
        return np.stack([x[:, to == 1].mean(1) if to.any() else np.zeros(len(x)) for to in m.Adj.T], axis=1)

    first = heard(m.X)
    h = relu(m.Ws1 @ m.X + m.Wn1 @ first + m.b1)
    p = sigmoid(m.Ws2 @ h + m.Wn2 @ heard(h) + m.b2)
    return {"N1": first, "H1": h, "P": p, "L": log_loss(p, m.Y) / 5}


def clip(m: Givens) -> Results:
    cosines = unit(m.Wi @ m.images).T @ unit(m.Wt @ m.texts) / m.tau
    by_text, by_image = softmax(cosines, 0), softmax(cosines, 1)
    return {"S": cosines, "P_image": by_text, "P_text": by_image.T,
            "L": -(np.log(np.diag(by_text)).mean() + np.log(np.diag(by_image)).mean()) / 2}  # fmt: skip


def ddpm_step(m: Givens) -> Results:
    kept = 0.8 ** m.t
    x = np.sqrt(kept) * m.X0 + np.sqrt(1 - kept) * m.noise
    guess = m.W[:, :2] @ x + m.W[:, 2:] * m.t + m.b
    before = (x - 0.2 / np.sqrt(1 - kept) * guess) / np.sqrt(0.8) + np.sqrt(0.2) * m.fresh
    return {"Xt": x, "guess": guess, "X_before": before, "L": squares(guess, m.noise)}


def distillation(m: Givens) -> Results:
    teacher, student = m.T @ m.A, m.W @ m.X
    soft, hard = nll(softmax(student / 2), softmax(teacher / 2)), nll(softmax(student), m.Y)
    return {"P_t": softmax(teacher / 2), "P_s": softmax(student / 2), "P": softmax(student), "L_soft": soft,
            "L_hard": hard, "L": (4 * soft + hard) / 2}  # fmt: skip


def cross_attention(m: Givens) -> Results:
    shares, z = attend(m.Wq @ m.Target_so_far, m.Wk @ m.Source, m.Wv @ m.Source)
    return {"A": shares, "Z": z, "L": squares(z, m.Y)}


def batch_norm(m: Givens) -> Results:
    z = m.W1 @ m.X
    average, variance = z.mean(1, keepdims=True), z.var(1, keepdims=True)
    n = m.gamma * (z - average) / np.sqrt(variance + 1e-5) + m.beta
    out = m.W2 @ relu(n) + m.b2
    return {"N": n, "run_mean_next": m.run_mean + 0.1 * (average - m.run_mean), "Y_pred": out,
            "L": squares(out, m.Y) / 4}  # fmt: skip


def densenet(m: Givens) -> Results:
    read = m.X
    for w, b in ((m.W1, m.b1), (m.W2, m.b2)):
        read = np.vstack([read, relu(w @ read + b)])
    p = softmax(m.Wo @ read + m.bo)
    return {"D2": read, "P": p, "L": nll(p, m.Y)}


def highway(m: Givens) -> Results:
    x = m.X_0
    for wh, bh, wt, bt in ((m.W1, m.b1, m.Wt1, m.bt1), (m.W2, m.b2, m.Wt2, m.bt2)):
        gate = sigmoid(wt @ x + bt)
        x = x + gate * (np.tanh(wh @ x + bh) - x)
    p = sigmoid(m.w @ x + m.b)
    return {"X_2": x, "P": p, "L": log_loss(p, m.Y)}


def gcn_normalised(m: Givens) -> Results:
    hat = np.eye(4) + np.eye(4, k=1) + np.eye(4, k=-1)
    root = np.diag(hat.sum(0) ** -0.5)
    pooled = root @ hat @ root
    z = m.W2 @ relu(m.W1 @ m.X @ pooled + m.b1) @ pooled + m.b2
    return {"Adj_norm": pooled, "z": z, "P": sigmoid(z), "L": log_loss(sigmoid(z), m.Y) / 4}


def deep_mlp(m: Givens) -> Results:
    a = m.X
    for k in range(1, 6):
        a = relu(getattr(m, f"W{k}") @ a + getattr(m, f"b{k}"))
    p = softmax(m.W6 @ a + m.b6)
    return {"A5": a, "P": p, "L": nll(p, m.Y)}


def triplet_loss(m: Givens) -> Results:
    anchor, same, stranger = (m.W2 @ relu(m.W1 @ x + m.b1) for x in (m.X_anchor, m.X_same, m.X_stranger))
    near, far = ([squares(a, b) for a, b in zip(anchor.T, other.T, strict=True)] for other in (same, stranger))
    return {"near": np.array([near]), "far": np.array([far]), "L": relu(np.array(near) - far + m.margin).sum()}


def simclr(m: Givens) -> Results:
    u = unit(m.W2 @ relu(m.W1 @ m.X + m.b1))
    p = np.zeros((4, 4))
    for view in range(4):
        others = [v for v in range(4) if v != view]
        p[others, view] = softmax(u[:, others].T @ u[:, view] / 0.5)
    return {"U": u, "P": p, "L": -np.mean([np.log(p[(view + 2) % 4, view]) for view in range(4)])}


def memory_network(m: Givens) -> Results:
    keys, stories, u = m.A @ m.Sentences, m.C @ m.Sentences, m.A @ m.question
    for _ in range(2):
        shares = softmax(keys.T @ u)
        u = u + stories @ shares
    p = softmax(m.W @ u)
    return {"p_2": shares, "u_2": u, "P": p, "L": nll(p, m.Y)}


def neural_ode(m: Givens) -> Results:
    h = m.h_0
    for _ in range(5):
        h = h + 0.2 * np.tanh(m.W @ h + m.b)
    return {"h_5": h, "L": squares(h, m.Y)}


def lenet(m: Givens) -> Results:
    def halve(x: np.ndarray) -> np.ndarray:
        return x.reshape(2, 2, 2, 2).mean((1, 3))

    first, second = (halve(np.tanh(windows(m.X, k))) for k in m.K1)
    third, fourth = (np.tanh(windows(first, k[0]) + windows(second, k[1])) for k in m.K2)
    p = softmax(m.W @ np.append(third, fourth)[:, None])
    return {"M_1": first, "B_1": third, "B_2": fourth, "P": p, "L": nll(p, m.Y)}


def decoder_block(m: Givens) -> Results:
    q, k, v = m.W_Q @ m.X, m.W_K @ m.X, m.W_V @ m.X
    seen = [attend(q[:, j : j + 1], k[:, : j + 1], v[:, : j + 1])[1] for j in range(3)]
    n = layer_norm(m.X + np.hstack(seen))
    shares, found = attend(m.Wq2 @ n, m.Wk2 @ m.Memory, m.Wv2 @ m.Memory)
    n = layer_norm(n + found)
    n = layer_norm(n + m.W2 @ relu(m.W1 @ n + m.b1))
    p = softmax(m.Wu @ n)
    return {"A2": shares, "N3": n, "P": p, "L": nll(p, m.Y) / 3}


def gumbel_softmax(m: Givens) -> Results:
    shaken = m.W @ m.X - np.log(m.waiting)
    soft = softmax(shaken / 0.5)
    return {"hard": np.eye(3)[:, shaken.argmax(0)], "soft": soft, "Z": m.Book @ soft, "L": squares(m.Book @ soft, m.Y)}


def squeeze_excitation(m: Givens) -> Results:
    volume = sigmoid(m.W2 @ relu(m.W1 @ m.X.mean(1, keepdims=True) + m.b1) + m.b2)
    out = m.w @ np.diag(volume[:, 0]) @ m.X
    return {"volume": volume, "y_pred": out, "L": squares(out, m.Y) / 5}


def capsule_routing(m: Givens) -> Results:
    votes = np.stack([m.W_boat @ m.U, m.W_house @ m.U])  # whole, feature, part
    likes = np.zeros((2, 3))
    for _ in range(2):
        shares = softmax(likes)
        s = (votes * shares[:, None]).sum(2)
        length = np.linalg.norm(s, axis=1, keepdims=True)
        v = length**2 / (1 + length**2) * s / length
        likes = likes + (votes * v[:, :, None]).sum(1)
    boat, house = np.linalg.norm(v, axis=1)
    return {"C_2": shares, "s2_boat": s[:1].T, "s2_house": s[1:].T, "p": np.array([[boat, house]]),
            "L": max(0, boat - 0.1) ** 2 + max(0, 0.9 - house) ** 2}  # fmt: skip


def heads_of_two_sizes(m: Givens) -> Results:
    shares_1, z1 = attend(m.Wq1 @ m.X, m.Wk1 @ m.X, m.Wv1 @ m.X)
    shares_2, z2 = attend(m.Wq2 @ m.X, m.Wk2 @ m.X, m.Wv2 @ m.X)
    out = m.Wo @ np.concatenate([z1, z2])
    return {"Z1_A": shares_1, "Z2_A": shares_2, "Z1": z1, "Z2": z2, "O": out, "L": squares(out, m.Y)}


def cached_attention(m: Givens) -> Results:
    """Each word's answer made of the words up to it alone, one word after the other."""
    z, shares = np.zeros((2, 3)), np.zeros((3, 3))
    for t in range(3):
        seen = m.X[:, : t + 1]
        shares[: t + 1, t] = softmax((m.Wk @ seen).T @ (m.Wq @ m.X[:, t : t + 1]))[:, 0]
        z[:, t] = m.Wv @ seen @ shares[: t + 1, t]
    return {"A": shares, "share": shares[:, 2:], "Z": z, "answer": z[:, 2:], "gap": np.zeros((2, 1))}


def lora(m: Givens) -> Results:
    out = (m.W + m.scale * np.outer(m.B, m.A)) @ m.X
    return {"Y_pred": out, "L": squares(out, m.Y)}
