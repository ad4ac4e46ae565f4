// The calendar: a post is put to another day by pointer or by keys. Each does what the form "Move" does.
"use strict";

(() => {
  const days = [...document.querySelectorAll(".day")];
  const said = document.getElementById("calendar-said");
  let dragged = null;
  let chosen = null; // { entry, index }: a day picked by keys, not confirmed yet

  const isOpen = (day) => !day.classList.contains("past");
  const dayOf = (entry) => entry.closest(".day");

  function mark(day) {
    days.forEach((each) => each.classList.toggle("target", each === day));
  }

  function move(entry, day) {
    mark(null);
    if (!day || !isOpen(day) || day === dayOf(entry)) return;
    const form = entry.querySelector(".move form");
    form.elements.day.value = day.dataset.day;
    form.requestSubmit();
  }

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".slot[data-draft]") ?? null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", `draft ${dragged.dataset.draft}`);
  });
  document.addEventListener("dragover", (event) => {
    const day = event.target.closest?.(".day");
    if (!dragged || !day || !isOpen(day)) return;
    event.preventDefault();
    mark(day);
  });
  document.addEventListener("drop", (event) => {
    const day = event.target.closest?.(".day");
    if (!dragged || !day) return;
    event.preventDefault();
    move(dragged, day);
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    mark(null);
  });

  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

  function cancel() {
    if (!chosen) return;
    chosen = null;
    mark(null);
    said.textContent = "It stays where it was.";
  }

  document.addEventListener("keydown", (event) => {
    const entry = event.target.closest?.(".slot[data-draft]");
    if (!entry || event.target.matches("input")) return;
    const step = event.shiftKey ? STEPS[event.key] : undefined;
    if (step !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      const from = chosen?.entry === entry ? chosen.index : days.indexOf(dayOf(entry));
      const day = days[from + step];
      if (!day || !isOpen(day)) {
        said.textContent = "There is no such day here. The form “Move” takes any day.";
        return;
      }
      chosen = { entry, index: from + step };
      mark(day);
      day.scrollIntoView({ block: "nearest" });
      said.textContent = `${day.dataset.told}. Enter moves it there, Escape leaves it.`;
    } else if (chosen?.entry === entry && event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      const { index } = chosen;
      chosen = null;
      move(entry, days[index]);
    } else if (event.key === "Escape") {
      cancel();
    }
  }, true);
  document.addEventListener("focusout", (event) => {
    if (chosen && !chosen.entry.contains(event.relatedTarget)) cancel();
  });
})();
