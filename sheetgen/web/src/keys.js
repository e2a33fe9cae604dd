// Keys that work wherever the focus is: ← and → for the steps, Ctrl-Z, Esc.

const OWN = "input:not([type=checkbox]), textarea, .cell, [role=switch], [role=tab]"; // have arrows of their own

export function listen(player, history, editing, select) {
  addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (event.key === "Escape" && !editing.input) return void select(null);
    if (event.altKey || event.target.closest?.("input:not([type=range], [type=checkbox])")) return;
    if (command && event.key === "z") event.shiftKey ? history.redo() : history.undo();
    else if (command && event.key === "y") history.redo();
    else if (command || event.target.closest?.(OWN)) return;
    else if (event.key === "ArrowRight") player.go(player.at + 1);
    else if (event.key === "ArrowLeft") player.go(player.at - 1);
    else return;
    event.preventDefault();
  });
}
