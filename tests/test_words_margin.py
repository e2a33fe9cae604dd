"""The margins of the gallery, word for word as a teacher would write them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from words_by_hand import blocks, program, written

from sheetgen.layout import measure
from sheetgen.layout.words.loops import Loop, turn_titles
from sheetgen.layout.words.margin import Margin, margins, story
from sheetgen.layout.words.vocabulary import vocabulary
from sheetgen.layout.words.wrap import prose, prose_lines, wrapped


def told(name: str, *lanes: int) -> dict[str, Margin]:
    """The margins of a spec by title; `lanes` are its loops whose turns stand side by side."""
    found = program(name)
    return {m.title: m for m in margins(vocabulary(found), blocks(found, lanes)).values()}


def lines(margin: Margin, phase: str) -> list[str]:
    return [line.text for line in margin.lines if line.kind == "equation" and line.phase == phase]


def test_backpropagation() -> None:
    found = told("backpropagation")
    assert [(m.badge, title) for title, m in found.items()] == [
        ("1", "Layer 1"), ("2", "Layer 2"), ("3", "Layer 3"), ("4", "Softmax and loss")
    ]  # fmt: skip
    assert lines(found["Layer 1"], "forward") == ["Z₁ = W₁·X + b₁", "A₁ = ReLU(Z₁)"]
    assert lines(found["Layer 1"], "backward") == ["∂A₁ = W₂ᵀ·∂Z₂", "∂Z₁ = ∂A₁ where Z₁ > 0", "∂W₁ = ∂Z₁·Xᵀ"]
    assert lines(found["Layer 1"], "update") == ["W₁ new = W₁ − η·∂W₁"]
    assert lines(found["Layer 2"], "forward") == ["Z₂ = W₂·A₁ + b₂", "A₂ = ReLU(Z₂)"]
    assert lines(found["Layer 2"], "backward") == ["∂A₂ = W₃ᵀ·∂Z₃", "∂Z₂ = ∂A₂ where Z₂ > 0", "∂W₂ = ∂Z₂·A₁ᵀ"]
    assert lines(found["Layer 3"], "forward") == ["Z₃ = W₃·A₂ + b₃"]
    assert lines(found["Softmax and loss"], "forward") == ["S = softmax(Z₃)", "Ŷ = round(S, 1)", "L = −Σ Y·ln Ŷ"]
    assert lines(found["Layer 3"], "backward") == ["∂Z₃ = Ŷ − Y", "∂W₃ = ∂Z₃·A₂ᵀ"]


def test_gcn() -> None:
    found = told("gcn")
    assert lines(found["Graph"], "forward") == ["Â = Adj + I"]
    assert lines(found["GCN layer 1"], "forward") == ["M₁ = ReLU(W₁·X + b₁)", "H₁ = M₁·Â"]
    assert lines(found["GCN layer 2"], "forward") == ["M₂ = ReLU(W₂·H₁ + b₂)", "H₂ = M₂·Â"]
    assert lines(found["Fully connected"], "forward") == ["F = ReLU(W₃·H₂ + b₃)", "z = W₄·F + b₄"]
    assert lines(found["Is it an X?"], "forward") == ["P = hard σ(z)", "P_exact = σ(z)"]
    assert all(lines(m, "backward") == lines(m, "update") == [] for m in found.values())


def test_rnn() -> None:
    found = told("rnn", 1)
    assert list(found) == ["Each time step", "Output"]
    assert lines(found["Each time step"], "forward") == ["Zₜ = Wx·xₜ + Wh·Hₜ₋₁ + b", "Hₜ = tanh(Zₜ)"]
    assert lines(found["Each time step"], "backward") == [
        "∂Hₜ = column t of ∂H", "   + Whᵀ·∂Zₜ₊₁", "∂H₄ = column 4 of ∂H", "∂Zₜ = ∂Hₜ∘(1 − Hₜ²)",
        "∂Wx = Σₜ ∂Zₜ·xₜᵀ", "∂Wh = Σₜ ∂Zₜ·Hₜ₋₁ᵀ",
    ]  # fmt: skip
    assert lines(found["Each time step"], "update") == ["Wx new = Wx − η·∂Wx;", "   likewise the others"]
    assert lines(found["Output"], "forward") == ["H = [H₁ | H₂ | H₃ | H₄]", "Ŷ = Wy·H + by", "L = Σ (Ŷ − Y)²"]
    assert lines(found["Output"], "backward") == ["∂Ŷ = 2·(Ŷ − Y)", "∂Wy = ∂Ŷ·Hᵀ", "∂H = Wyᵀ·∂Ŷ"]
    (said,) = [line.text for line in found["Each time step"].lines if line.kind == "sentence"]
    assert said == (
        "The input of time t meets the memory Hₜ₋₁. tanh keeps the sum between -1 and 1."
    )


def test_lstm() -> None:
    bands = told("lstm", 1)
    assert list(bands)[:2] == ["Input", "Forget gate"]
    assert {title: lines(body, "forward") for title, body in bands.items() if title != "Output"} == {
        "Input": ["xhₜ = [xₜ; hₜ₋₁]"], "Forget gate": ["Zfₜ = Wf·xhₜ + bf", "fₜ = σ(Zfₜ)"],
        "Input gate": ["Ziₜ = Wi·xhₜ + bi", "iₜ = σ(Ziₜ)"], "Candidate": ["Zgₜ = Wg·xhₜ + bg", "gₜ = tanh(Zgₜ)"],
        "Output gate": ["Zoₜ = Wo·xhₜ + bo", "oₜ = σ(Zoₜ)"], "Long-term memory": ["cₜ = fₜ∘cₜ₋₁ + iₜ∘gₜ"],
        "Hidden state": ["hₜ = oₜ∘tanh(cₜ)"],
    }  # fmt: skip
    assert lines(bands["Forget gate"], "backward") == [
        "∂fₜ = ∂cₜ∘cₜ₋₁", "∂Zfₜ = ∂fₜ∘fₜ∘(1 − fₜ)", "∂Wf = Σₜ ∂Zfₜ·xhₜᵀ",
    ]  # fmt: skip
    assert lines(bands["Long-term memory"], "backward") == [
        "∂cₜ = ∂cₜ₊₁∘fₜ₊₁", "   + ∂tanh(cₜ)∘(1 − tanh(cₜ)²)", "∂c₄", "   = ∂tanh(c₄)∘(1 − tanh(c₄)²)",
    ]  # fmt: skip
    assert lines(bands["Input"], "backward") == [  # the first turn has no such gradient
        "∂xhₜ = Woᵀ·∂Zoₜ + Wgᵀ·∂Zgₜ", "   + Wiᵀ·∂Ziₜ + Wfᵀ·∂Zfₜ",
    ]  # fmt: skip
    assert "∂tanh(cₜ) = ∂hₜ∘oₜ" in lines(bands["Hidden state"], "backward")  # it is drawn, so it is told


def test_self_attention() -> None:
    found = told("self_attention")
    assert lines(found["Queries, keys, values"], "forward") == ["Q = Wq·X", "K = Wk·X", "V = Wv·X"]
    assert lines(found["Queries, keys, values"], "backward") == [
        "∂V = ∂Z·Aᵀ", "∂Wv = ∂V·Xᵀ;", "   likewise ∂Wk, ∂Wq", "∂K = Q·∂Sᵀ", "∂Q = K·∂S",
    ]  # fmt: skip
    assert lines(found["Scores"], "forward") == ["S = Kᵀ·Q"]
    assert lines(found["Scores"], "backward") == ["∂S = ∂S_scaled ÷ √dₖ"]
    softmax = found["Scale and softmax"]
    assert lines(softmax, "forward") == ["S_scaled = S ÷ √dₖ", "A = softmax(S_scaled)"]
    assert lines(found["Mix the values"], "forward") == ["Z = V·A"]
    assert lines(found["Mix the values"], "backward") == ["∂Z = 2·(Z − Y)"]
    assert lines(softmax, "backward") == ["∂A = Vᵀ·∂Z", "∂S_scaled", "   = A∘(∂A − Σ A∘∂A)"]
    assert lines(found["Loss"], "forward") == ["L = Σ (Z − Y)²"]


def test_transformer() -> None:
    found = told("transformer")
    assert lines(found["Embedding"], "forward") == ["X_words = E[tokens]", "X = X_words + Pos"]
    assert lines(found["Embedding"], "backward") == [
        "∂X = ∂(X + Z) + Wvᵀ·∂V", "   + Wkᵀ·∂K + Wqᵀ·∂Q", "∂X_words = ∂X", "∂E = Σ ∂X_words by tokens",
    ]  # fmt: skip
    assert lines(found["Scores"], "forward") == ["S = Kᵀ·Q ÷ √3"]
    assert lines(found["Attention"], "forward") == [
        "S_masked = S where mask,", "   else −1000", "A = softmax(S_masked)", "Z = V·A",
    ]  # fmt: skip
    assert lines(found["Add & norm"], "forward") == ["N₁ = norm(X + Z)"]
    assert lines(found["Feed-forward"], "forward") == ["Z₁ = W₁·N₁ + b₁", "F₁ = ReLU(Z₁)", "F₂ = W₂·F₁ + b₂"]
    assert lines(found["Add & norm again"], "forward") == ["N₂ = norm(N₁ + F₂)"]
    assert lines(found["Next word"], "forward") == [
        "logits = Wu·N₂", "P = softmax(logits)", "Y = one-hot(next)", "L = −Σ Y·ln P ÷ 5",
    ]  # fmt: skip


def test_heads_are_told_once() -> None:
    found = told("multi_head_attention", 1)
    body = found["Queries, keys, values"]
    assert lines(body, "forward") == ["Qₕ = Wqₕ·X", "Kₕ = Wkₕ·X", "Vₕ = Wvₕ·X"]
    assert lines(body, "update") == ["Wqₕ new = Wqₕ − η·∂Wqₕ;", "   likewise the others"]
    said = [line.text for line in body.lines if line.kind == "sentence"]
    assert said[0].startswith("Head h asks its own question for each word")
    assert lines(found["Scores"], "forward") == ["Sₕ = Kₕᵀ·Qₕ ÷ √2"]
    assert lines(found["Mix the values"], "forward") == ["Zₕ = Vₕ·Aₕ"]
    assert "∂Zₕ = its rows of ∂Z" in lines(found["Mix the values"], "backward")


def test_turns_without_a_form_in_common_are_told_one_by_one() -> None:
    shortcut = lines(told("dropout", 1)["Shortcut"], "forward")
    assert shortcut == ["R_train = X + W₂·D", "R_exam = X + W₂·H"]


def test_a_residual_and_its_gradient() -> None:
    block = told("resnet")["Block 1"]
    assert lines(block, "forward") == [
        "Z₁₁ = W₁₁·X + b₁₁", "A₁ = ReLU(Z₁₁)", "F₁ = W₁₂·A₁ + b₁₂", "H₁ = ReLU(X + F₁)",
    ]  # fmt: skip
    assert lines(block, "backward")[-1] == "∂X = ∂(X + F₁) + W₁₁ᵀ·∂Z₁₁"


def test_only_the_authors_sentences() -> None:
    """Sentences that nobody wrote stand in no margin: the equations say it."""
    said = {line.text for m in told("mlp").values() for line in m.lines if line.kind == "sentence"}
    assert "The activations of layer 1 are the features for layer 2." in said
    assert not any("negatives become 0." in text or "is a row of" in text for text in said)


def test_lines_fit_and_rows_add_up() -> None:
    found = program("transformer")
    words = vocabulary(found)
    for block in blocks(found):
        margin = margins(words, [block])[block.index]
        for line in margin.lines:
            if line.kind == "equation":
                assert measure.text_width(line.text, 10) <= 24 or " " not in line.text.strip(), line.text
        here = [line for line in margin.lines if line.phase != "update"]
        needed = [line for line in here if line.phase == "forward"]  # gradients are told where there is room
        assert sum(text.rows for text in story(words, block, "beside")) == sum(line.rows for line in needed)
        on = {sheet: {line.phase for line in margin.lines if line.on(sheet, "sheets")} for sheet in (0, 1, 2)}
        assert on[1] <= {"backward"}
        assert "backward" not in on[0] | on[2]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a = b + c", ["a = b + c"]),
        ("total = aaaaaaaaaaaa + bbbbbbbbbbbbbb", ["total = aaaaaaaaaaaa", "   + bbbbbbbbbbbbbb"]),
        ("∂Z = ∂A where Z + 111 > 0000000", ["∂Z = ∂A", "   where Z + 111 > 0000000"]),
        ("L = Σ (aaaaaaa + bbbb·cccccc(1 − P)) ÷ 3", ["L = Σ (aaaaaaa", "   + bbbb·cccccc(1 − P)) ÷ 3"]),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]),
        ("∂W = Q_turned·∂(K_turnedᵀ·Q_turned)ᵀ", ["∂W = Q_turned", "   ·∂(K_turnedᵀ·Q_turned)ᵀ"]),
        ("c = ffffffffffff∘cccccccc + iiiiii∘g", ["c = ffffffffffff∘cccccccc", "   + iiiiii∘g"]),
        ("right = (PPPPPP > ½) = (YYYY > ½)", ["right = (PPPPPP > ½)", "   = (YYYY > ½)"]),
        ("slope_sigmoid = y_sigmoid∘(1 − ysig)", ["slope_sigmoid", "   = y_sigmoid∘(1 − ysig)"]),
    ],
)
def test_breaks(text: str, lines: list[str]) -> None:
    assert [*wrapped(text, 24)] == lines


def test_prose_takes_the_lines_that_it_needs() -> None:
    assert prose_lines("word", 24) == 1
    assert prose_lines("1234 1234 1234 1234 1234 1234", 11) == 3
    assert prose_lines("1234 1234 1234 1234 1234 1234", 24) == 2


def test_a_continued_block() -> None:
    """It repeats number, title and equations, not the sentence."""
    found = program("rnn")
    first, output = blocks(found, [1])
    again = replace(first, index=5, continued=True)
    one, two = (margins(vocabulary(found), [first, output, again])[k] for k in (0, 5))
    assert (two.badge, two.title) == (one.badge, "Each time step (continued)")
    assert lines(two, "forward") == lines(one, "forward")
    assert all(line.kind == "equation" for line in two.lines)
    assert lines(two, "update") == []


def test_a_band_with_the_title_of_the_one_before_it_goes_on_under_it() -> None:
    spec = program("returns_by_loop")
    found = list(margins(vocabulary(spec), blocks(spec, [1])).values())
    returns = [one for one in found if one.title == "Returns"]
    assert [one.again for one in returns] == [False, True] and len({one.badge for one in returns}) == 1
    assert [one.badge for one in found] == sorted(one.badge for one in found)



def test_loops_with_one_title_are_told_apart() -> None:
    turns = "".join(
        f"  - for: k in {first}..{first + 1}\n    steps:\n      - section: Channel {{k}}\n      - A{{k}} = {made}\n"
        for first, made in ((1, "tanh(K{k} * X)"), (3, "tanh(K{k} * A1 + A2)"))
    )
    kernels = "".join(f"  K{k}: {{role: parameter, value: {k}}}\n" for k in range(1, 5))
    found = written(f"title: t\nmatrices:\n  X: {{role: input, value: [[1, 2]]}}\n{kernels}steps:\n{turns}")
    words = vocabulary(found)
    one, two = (block for block in blocks(found, [1, 2]) if block.loop is not None)
    assert [margins(words, [block])[block.index].title for block in (one, two)] == ["Channel 1 / 2", "Channel 3 / 4"]


def test_names_keep_their_capitals() -> None:
    assert "Each Euler step" in {one.title for one in told("neural_ode", 1).values()}


def loop(text: str) -> Loop:
    found = vocabulary(written(
        "title: t\nmatrices:\n  W: {role: parameter, value: [[2]]}\n  h_0: {role: input, value: 1}\n"
        f"steps:\n{text}"
    ))  # fmt: skip
    return found.loops[1]


def test_a_loop_is_told_with_its_own_variable() -> None:
    """Its letter and values are the spec's, not guessed from names."""
    carried = loop("  - for: s in 1..3\n    steps: ['h_{s} = W @ h_{s-1}']\n")
    assert (carried.letter, carried.values, carried.carried) == ("s", ("1", "2", "3"), True)
    assert turn_titles(carried, 1)[0] == "s = 2"
    words = loop("  - for: kind in [real, fake]\n    steps: ['A_{kind} = W @ h_0']\n")
    assert (words.letter, words.values) == ("k", ("real", "fake"))
    assert turn_titles(words, 1) == ("fake",)
    heads = loop("  - for: head in 1..2\n    steps: ['A_{head} = W @ h_0']\n")
    assert (heads.letter, turn_titles(heads, 1)) == ("h", ("Head 2", "2"))
    days = loop("  - for: d in 3..1\n    steps: ['h_{d} = W @ h_0']\n")
    assert (days.letter, days.values) == ("k", ("3", "2", "1"))


def test_words_of_a_loop_are_listed_in_its_sentence() -> None:
    sentences = [line.text for one in told("gan_step", 1).values() for line in one.lines if line.kind == "sentence"]
    assert any("The real / fake points run through" in text for text in sentences)


def test_names_in_sentences() -> None:
    found = written(
        "title: t\nmatrices:\n  W1: {role: parameter, value: [[1]]}\n  beta: {role: constant, value: 2}\n"
        "steps:\n  - do: Y_pred = W1 * beta\n    say: W1 times beta is Y_pred, not W2.\n"
    )
    margin = margins(vocabulary(found), blocks(found))[0]
    assert margin.lines[-1].text == "W₁ times β is Ŷ, not W2."


def test_a_sentence_stands_under_its_equation_and_the_gradients_follow() -> None:
    said = [(line.kind, line.phase, line.at) for line in told("self_attention")["Queries, keys, values"].lines]
    about = [(kind, "forward", (name,)) for name in ("Q", "K", "V") for kind in ("equation", "sentence")]
    assert said[:6] == about
    assert said[6] == ("equation", "backward", ("V",)) and {phase for _, phase, _ in said[6:]} == {"backward", "update"}
    softmax = [line for line in told("self_attention")["Scale and softmax"].lines if line.text.startswith("A = ")]
    assert softmax[0].at == ("A_exp", "A_sum", "A")  # beside the helpers that stand above it


def test_what_leads_to_a_statement_comes_before_it() -> None:
    graph = told("gcn")["Graph"].lines
    assert graph[0].text.startswith("Five nodes") and graph[0].at == ()
    assert [line.kind for line in graph] == ["sentence", "equation", "sentence"]
    layer = told("gcn")["GCN layer 1"].lines
    assert layer[0].text.startswith("Each node has four") and layer[0].at == ()
    assert [line.kind for line in layer[:3]] == ["sentence", "equation", "sentence"]


def test_a_minus_stays_with_its_digits() -> None:
    """After a hyphen spreadsheets begin a new line."""
    assert prose("It runs from -1 (or -.5) to 1, a well-known range, or -x.", 99) == [
        "It runs from −1 (or −.5) to 1, a well-known range, or -x."
    ]
