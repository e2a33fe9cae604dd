"""Regressions, learning from rewards, and methods that train no network, in plain numpy; see networks_by_numpy."""

from __future__ import annotations

import numpy as np
from networks_by_numpy import Givens, Results, log_loss, relu, sigmoid, softmax, squares


def logistic_regression_step(m: Givens) -> Results:
    p = sigmoid(m.w @ m.X + m.b)
    return {"P": p, "accuracy": ((p > 0.5) == (m.Y == 1)).mean(), "L": log_loss(p, m.Y) / 6}


def linear_regression_step(m: Givens) -> Results:
    slope, start = np.polyfit(m.x[0], m.y[0], 1)
    return {"y_pred": m.w * m.x + m.b, "w_best": slope, "b_best": start,
            "L_best": squares(slope * m.x + start, m.y) / 6, "L": squares(m.w * m.x + m.b, m.y) / 6}  # fmt: skip


def ridge_regression(m: Givens) -> Results:
    def loss(w: np.ndarray) -> np.ndarray:
        return squares(w @ m.X, m.y) + m.price[0, 0] * (w**2).sum()

    best = np.linalg.solve(m.X @ m.X.T + m.price * np.eye(2), m.X @ m.y.T).T
    return {"w_best": best, "L_best": loss(best), "L": loss(m.w)}


def matrix_factorisation(m: Givens) -> Results:
    fit = sum(
        (person @ film - stars) ** 2
        for person, row in zip(m.People, m.Ratings, strict=True)
        for film, stars in zip(m.Films.T, row, strict=True)
        if stars > 0
    )
    cost = 0.1 * (np.linalg.norm(m.People) ** 2 + np.linalg.norm(m.Films) ** 2)
    return {"Guess": m.People @ m.Films, "fit": fit, "cost": cost, "L": fit + cost}


def reinforce(m: Givens) -> Results:
    probs, rewards = softmax(m.W @ m.States + m.b), m.rewards[0]
    returns = np.array([sum(rewards[t:]) for t in range(4)])
    taken = probs[m.actions.argmax(0), range(4)]
    return {"p_taken": taken[None], "returns": returns[None],
            "L": -(np.log(taken) * (returns - returns.mean())).mean()}  # fmt: skip


def dqn(m: Givens) -> Results:
    q = m.W2 @ relu(m.W1 @ m.States + m.b1) + m.b2
    later = (m.W2_old @ relu(m.W1_old @ m.Next + m.b1_old) + m.b2_old).max(0)
    goal = np.where(m.done[0] == 1, m.rewards[0], m.rewards[0] + 0.9 * later)
    taken = q[m.actions.argmax(0), range(3)]
    return {"Q": q, "goal": goal[None], "L": ((taken - goal) ** 2).mean()}


def adam_by_hand(m: Givens) -> Results:
    x, y, theta, first, second, losses = m.X[:, 0], m.Y[:, 0], m.theta_0[:, 0], np.zeros(2), np.zeros(2), []
    for t in range(1, 5):
        e = theta[0] * x + theta[1] - y
        losses.append((e**2).sum() / 2)
        if t < 4:
            g = np.array([(e * x).sum(), e.sum()])
            first, second = 0.9 * first + 0.1 * g, 0.99 * second + 0.01 * g**2
            theta = theta - 0.3 * (first / (1 - 0.9**t)) / np.sqrt(second / (1 - 0.99**t))
    found = {"theta_3": theta[:, None], "v_3": second[:, None]}
    return {**found, "L_1": losses[0], "L_4": losses[3]}


def momentum(m: Givens) -> Results:
    (along, across), (u, v) = m.p_0[:, 0], (0, 0)
    heights = [along**2 / 2 + 5 * across**2]
    for _ in range(8):
        u, v = 0.8 * u - 0.04 * along, 0.8 * v - 0.4 * across
        along, across = along + u, across + v
        heights.append(along**2 / 2 + 5 * across**2)
    return {"p_8": np.array([[along], [across]]), **{f"f_{t}": height for t, height in enumerate(heights)}}


def hopfield(m: Givens) -> Results:
    letters = np.array([m.T.ravel(), m.L.ravel()])

    def pulls(s: np.ndarray) -> np.ndarray:
        return np.array([sum(s[j] * (letters[:, i] @ letters[:, j]) for j in range(9) if j != i) for i in range(9)])

    s, results = m.damaged.ravel(), {}
    for t in range(1, 4):
        s = np.where(pulls(s) < 0, -1, 1)
        results |= {f"energy_{t}": -(s @ pulls(s)) / 2, f"like_T{t}": s @ letters[0], f"like_L{t}": s @ letters[1]}
        results |= {f"s_{t}": s[:, None], f"picture_{t}": s.reshape(3, 3)}
    return results


def kmeans(m: Givens) -> Results:
    points, centres, results = m.X.T, m.M_0.T, {}
    for t in range(1, 4):
        far = np.linalg.norm(points[:, None] - centres, axis=2)
        group = far.argmin(1)
        results[f"spread_{t}"] = (far.min(1) ** 2).sum()
        centres = np.array([points[group == k].mean(0) for k in range(2)])
        results[f"M_{t}"] = centres.T
    return {**results, "G_3": np.array([group == 0, group == 1]), "moved": np.zeros((2, 2))}


def pagerank(m: Givens) -> Results:
    r = np.full(5, 20.0)
    for _ in range(5):
        new = np.full(5, 0.15 * 100 / 5)
        for page in range(5):
            linked = np.flatnonzero(m.Adj[page])
            new[linked] += 0.85 * r[page] / len(linked)
        r = new
    return {"r_5": r[:, None], "place": (5 - r.argsort().argsort())[:, None]}


def power_iteration(m: Givens) -> Results:
    directions = [np.linalg.matrix_power(m.A, t) @ m.v_0[:, 0] for t in range(7)]
    units = [d / np.linalg.norm(d) for d in directions]
    value = units[5] @ m.A @ units[5]
    return {"v_6": units[6][:, None], "lam_6": value, "rest_6": (m.A @ units[5] - value * units[5])[:, None]}


def markov_chain(m: Givens) -> Results:
    after = {d: np.linalg.matrix_power(m.M, d) for d in (1, 5, 8)}
    return {"p_1": after[1] @ m.p_0, "p_5": after[5] @ m.p_0, "p_8": after[8] @ m.p_0, "M8": after[8],
            "disagreement": np.ptp(after[8], axis=1)[:, None]}  # fmt: skip


def kalman(m: Givens) -> Results:
    """By covariances of place and speed written out, and the precision of the sum of guess and measurement."""
    (place, speed), pp, ps, ss = m.x_0[:, 0], 4.0, 0.0, 1.0
    for z in m.z[0]:
        place, pp, ps, ss = place + speed, pp + 2 * ps + ss, ps + ss, ss + 0.5
        gain = np.array([pp, ps]) / (pp + 5)
        place, speed = place + gain[0] * (z - place), speed + gain[1] * (z - place)
        ss, ps, pp = ss - ps**2 / (pp + 5), 1 / (1 / pp + 1 / 5) / pp * ps, 1 / (1 / pp + 1 / 5)
    return {"K_4": gain[:, None], "x_4": np.array([[place], [speed]]), "P_4": np.array([[pp, ps], [ps, ss]])}


def svm(m: Givens) -> Results:
    slack = sum(max(0, 1 - side * (m.w[0] @ point + m.b[0, 0])) for point, side in zip(m.X.T, m.y[0], strict=True))
    return {"slack": slack, "L": slack + m.price * (m.w**2).sum()}


def fourier_transform(m: Givens) -> Results:
    waves = np.fft.rfft(m.x) / [8, 4, 4, 4, 8]
    return {"a": waves.real, "b": -waves.imag, "power": np.abs(waves), "x_again": m.x.T}


def modern_hopfield(m: Givens) -> Results:
    state = m.s_0
    for _ in range(3):
        state = m.Stored @ softmax(m.beta * (m.Stored.T @ state))
    return {"s_3": state}
