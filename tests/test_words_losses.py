"""Two losses of one critic: what each of their gradients is called, and what it is made of."""

from __future__ import annotations

from small import book

from sheetgen.layout.plan import Role
from sheetgen.workbook import Workbook

STEPS = [
    "F = Wg @ noise", "H_real = relu(Wd @ X)", "H_fake = relu(Wd @ F)", "D_real = v @ H_real", "D_fake = v @ H_fake",
    "L_D = mean(D_fake) - mean(D_real)", "L_G = -mean(D_fake)",
]  # fmt: skip


def critic(*steps: str) -> Workbook:
    matrices = "noise input 1x3, X input 2x3, Wg parameter 2x1, Wd parameter 2x2, v parameter 1x2"
    more = "backward: {L_D: [Wd, v], L_G: [Wg]}\nupdate: {learning_rate: 0.1}"
    return book(matrices, list(steps or STEPS), more)


def test_a_loss_s_gradients_are_made_of_its_own() -> None:
    """-1/3 reaches both what is real and, from the other loss, what is made up: they have boxes of their own."""
    made = {s.name: s for s in critic().program.statements if s.loss is not None}
    of = {name: s.loss for name, s in made.items()}
    read = [(s.loss, of[ref.name]) for s in made.values() for ref in s.expr.references if ref.name in of]
    assert read and all(own == other for own, other in read)
    assert {s.loss for s in made.values() if s.gradient_of == "H_fake"} == {"L_D", "L_G"}


def test_gradients_of_two_losses_have_names_of_their_own() -> None:
    equations = {step.equation for step in critic().plan.steps}
    assert {"∂L_D/∂H_fake = vᵀ·∂L_D/∂D_fake", "∂L_G/∂H_fake = vᵀ·∂L_G/∂D_fake", "∂H_real = vᵀ·∂D_real",
            "∂L_G/∂(Wd·F) = ∂L_G/∂H_fake where Wd·F > 0", "∂Wg = ∂F·noiseᵀ"} <= equations  # fmt: skip
    labels = [label.text for sheet in critic().plan.sheets for label in sheet.labels if label.style == "name"]
    assert not [text for text in labels if "dL_" in text or "∂H_fake" in text.replace("/∂H_fake", "")]


def test_both_losses_are_computed_anew() -> None:
    step = critic().plan.steps[-1]
    assert "compare L_D new with L_D and L_G new with L_G" in step.sentence
    assert step.equation.startswith("L_G new = −mean(D_fake)")


def test_a_forward_pass_without_titles_has_no_other_band_s() -> None:
    workbook = critic()
    titles = [label.text for label in workbook.plan.sheets[0].labels if label.style == "section"]
    assert titles == ["Forward pass", "Gradients of L_G"]
    sections = list(dict.fromkeys(row.section for row in workbook.plan.steps))
    assert sections == ["Forward pass", "Gradients of L_G", "Backward pass", "Update", "After the update"]
    titled = critic("Critic:", *STEPS).plan.sheets[0].labels
    assert [label.text for label in titled if label.style == "section"] == ["Critic", "Gradients of L_G"]


def test_what_stands_in_bands_of_its_own_is_counted_first_and_has_the_colour_of_gradients() -> None:
    workbook = critic()
    steps = {loss: [s.step for s in workbook.program.statements if s.loss == loss] for loss in ("L_D", "L_G")}
    assert max(steps["L_G"]) < min(steps["L_D"])
    told = {label.text: label.color for label in workbook.plan.sheets[0].labels if label.style == "equation"}
    assert {colour for text, colour in told.items() if text.startswith("∂")} == {Role.GRADIENT}
    assert Role.FORWARD in told.values()


def test_a_gradient_within_a_loss_is_no_gradient_of_the_second_pass() -> None:
    """What is computed again after the update is one step, though a gradient is part of it."""
    steps = ["s = v @ tanh(Wd @ X)", "total = sum(s)", "g = grad(total, X)", "L_D = sum(g ** 2)", "F = Wg @ noise",
             "L_G = sum(F ** 2)"]  # fmt: skip
    after = [row for row in critic(*steps).plan.steps if row.phase == "after"]
    assert len(after) == 1 and "compare L_D new with L_D and L_G new with L_G" in after[0].sentence


def test_a_gradient_within_a_loss_is_called_by_its_own_loss() -> None:
    """∂E/∂p on the way to what the author called g, and ∂L/∂p of the backward pass; the 1/3 of either is its own."""
    steps = ["p = sigmoid(w * x)", "E = mean((p - 1) ** 2)", "g = grad(E, w)", "q = sigmoid((w - g) * x)",
             "L = mean((q - 1) ** 2)"]  # fmt: skip
    made = book("x input 1x3, w parameter 1x1", steps, "loss: L\nbackward: true")
    thirds = [s.loss for s in made.program.statements if s.loss and not s.expr.references]
    assert sorted(thirds) == ["E", "L"]
    labels = [label.text for label in made.plan.sheets[0].labels if label.style == "name"]
    assert [text for text in labels if "∂E/∂p = " in text] and [text for text in labels if "∂L/∂p" in text]
    assert not [text for text in labels if text.split(" = ")[0].endswith(" ∂p") or text.startswith("∂p")]


def test_titles_call_losses_as_the_page_does() -> None:
    steps = ["h = A @ x", "o = B @ h", "L_1 = mean(o)", "L_2 = sum(o ** 2)"]
    made = book("x input 2x3, A parameter 2x2, B parameter 1x2", steps, "backward: {L_1: [A], L_2: [B]}")
    titles = [label.text for label in made.plan.sheets[0].labels if label.style == "section"]
    assert titles == ["Forward pass", "Gradients of L₂"]


def test_the_turns_of_a_loop_are_called_alike() -> None:
    """Only what is made up has a gradient of both losses; what is real is told in one with it."""
    loop = "\n      - ".join(["for: k in [real, fake]\n    steps:", "H_{k} = tanh(Wd @ X_{k})", "D_{k} = v @ H_{k}"])
    matrices = "noise input 1x3, X_real input 2x3, Wg parameter 2x1, Wd parameter 2x2, v parameter 1x2"
    steps = ["X_fake = Wg @ noise", loop, "L_D = mean(D_fake) - mean(D_real)", "L_G = -mean(D_fake)"]
    made = book(matrices, steps, "backward: {L_D: [Wd, v], L_G: [Wg]}")
    labels = [label.text for sheet in made.plan.sheets for label in sheet.labels if label.style in ("name", "hint")]
    assert not [text for text in labels if "∂H_real" in text.replace("/∂H_real", "")]
    assert [text for text in labels if "∂L_D/∂H_real" in text]
