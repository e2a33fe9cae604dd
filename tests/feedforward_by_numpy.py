"""Layers one after the other, with shortcuts, images and clouds, in plain numpy; see networks_by_numpy."""

from __future__ import annotations

import numpy as np
from networks_by_numpy import Givens, Results, log_loss, nll, relu, sigmoid, softmax, squares, windows


def mlp(m: Givens) -> Results:
    a = m.X
    for w, b in ((m.W1, m.b1), (m.W2, m.b2), (m.W3, m.b3)):
        a = relu(w @ a + b)
    p = softmax(m.W4 @ a + m.b4)
    return {"A3": a, "Y_pred": p, "L": nll(p, m.Y)}


def autoencoder(m: Givens) -> Results:
    code = relu(m.W2 @ relu(m.W1 @ m.X + m.b1) + m.b2)
    out = m.W4 @ relu(m.W3 @ code + m.b3) + m.b4
    return {"code": code, "X_pred": out, "L": squares(out, m.X)}


def resnet(m: Givens) -> Results:
    h = m.X
    for first, b, second, d in ((m.W11, m.b11, m.W12, m.b12), (m.W21, m.b21, m.W22, m.b22)):
        h = relu(h + second @ relu(first @ h + b) + d)
    p = softmax(m.V @ h + m.c)
    return {"H2": h, "P": p, "L": nll(p, m.Y)}


def cnn(m: Givens) -> Results:
    maps = [relu(windows(m.X, k) + b).reshape(2, 2, 2, 2).max((1, 3)) for k, b in ((m.K1, m.b1), (m.K2, m.b2))]
    p = softmax(m.W @ np.concatenate(maps, axis=None)[:, None] + m.c)
    return {"M1": maps[0], "M2": maps[1], "P": p, "L": nll(p, m.Y)}


def mobilenet(m: Givens) -> Results:
    apart = np.array([windows(image, kernel) for image, kernel in zip(m.X, m.K1, strict=True)])
    pixels = relu(apart).reshape(len(apart), -1)  # a column for each pixel
    mixed = relu(m.K2 @ pixels)
    p = softmax(mixed.mean(1, keepdims=True))
    return {"D_2": pixels[1].reshape(2, 2), "M": mixed, "P": p, "L": nll(p, m.Y)}


def vae(m: Givens) -> Results:
    a = relu(m.We @ m.X + m.be)
    middle, spread = m.W_mu @ a, np.exp(m.W_logvar @ a)  # the variance
    p = sigmoid(m.Wd @ (middle + np.sqrt(spread) * m.noise) + m.bd)
    clouds = zip(spread.flat, middle.flat, strict=True)
    divergence = sum((s + mu**2 - 1) / 2 - np.log(np.sqrt(s)) for s, mu in clouds)
    return {"R": log_loss(p, m.X), "D": divergence, "X_pred": p, "L": log_loss(p, m.X) + divergence}


def siamese(m: Givens) -> Results:
    loss, far = 0.0, []
    for first, second, same in zip(m.XA.T, m.XB.T, m.same[0], strict=True):
        one, two = (m.W2 @ relu(m.W1 @ x + m.b1[:, 0]) for x in (first, second))
        far.append(np.linalg.norm(one - two))
        loss += far[-1] ** 2 if same else max(0.0, m.margin[0, 0] - far[-1]) ** 2
    return {"d": np.array([far]), "L": loss}


def word2vec(m: Givens) -> Results:
    centre = m.Vin[:, int(m.centre[0, 0])]
    p = np.array([sigmoid(sum(centre * m.Vout[:, int(other)])) for other in m.ctx[0]])
    return {"p": p[None], "L": -np.log([p[0], 1 - p[1], 1 - p[2]]).sum()}
