// Plays the recordings of panels, and sets predictions beside their outcomes. No framework, no request but for pictures.

"use strict";

const AHEAD = 60; // pictures that are kept loaded, of each panel
const LESS_MOTION = matchMedia("(prefers-reduced-motion: reduce)"); // then only Run lets a picture move

class Player {
  constructor(figure) {
    Object.assign(this, JSON.parse(figure.querySelector("script").textContent)); // folder, runs, marks, controls
    this.image = figure.querySelector("img");
    this.status = figure.querySelector("[role=status]");
    this.inputs = [...figure.querySelectorAll("input, select")];
    this.loaded = new Map(); // address -> picture, the oldest first
    this.start = this.controls.map((control) => control.start);
    this.place(this.start); // a browser may remember where the controls stood
    this.status.textContent = this.runs[this.start.join("-")][1];
    figure.querySelector(".course-controls").hidden = false;
    figure.querySelector("button").hidden = !Object.values(this.runs).some(([time]) => time);
    figure.querySelector("button").addEventListener("click", () => this.show("", true));
    this.inputs.forEach((input, i) => input.addEventListener("input", () => this.move(i)));
    for (const first of ["pointerenter", "focusin"])
      figure.addEventListener(first, () => this.lookAhead(), { once: true });
    this.marks.forEach((mark) => this.follow(mark, figure.querySelector(".course-screen")));
  }

  // Where each control stands, counted from 0.
  places() {
    return this.inputs.map((input) => input.selectedIndex ?? Number(input.type === "checkbox" ? input.checked : input.value));
  }

  // Put the controls where `places` says.
  place(places) {
    this.inputs.forEach((input, i) => {
      const label = this.controls[i].labels[places[i]];
      if (input.type === "checkbox") input.checked = Boolean(places[i]);
      else if (input.type === "range") {
        input.value = places[i];
        input.setAttribute("aria-valuetext", label);
        input.nextElementSibling.textContent = label;
      } else input.selectedIndex = places[i];
    });
  }

  // Answer a move of one control: where the combination was not recorded, the others go back to their start.
  move(moved) {
    const places = this.places();
    const known = places.join("-") in this.runs;
    this.place(known ? places : this.start.map((start, i) => (i === moved ? places[i] : start)));
    this.show(known ? "" : ` ${WORDS.back}`, !LESS_MOTION.matches);
  }

  // Show the run at the places of the controls, or its end alone.
  show(remark, moving) {
    const [time, end] = this.runs[this.places().join("-")];
    const runs = time > 0 && moving;
    this.image.src = this.load(this.places(), moving).src; // set again, it moves again
    clearTimeout(this.timer);
    this.status.textContent = (runs ? WORDS.running : end) + remark;
    if (runs) this.timer = setTimeout(() => (this.status.textContent = end + remark), time);
    this.lookAhead();
  }

  // Load the picture of a position, and keep it for a while.
  load(places, moving) {
    const name = places.join("-");
    const address = `${this.folder}/${name}${this.runs[name][0] && !moving ? "-end" : ""}.webp`;
    const picture = this.loaded.get(address) ?? Object.assign(new Image(), { src: address });
    this.loaded.delete(address);
    this.loaded.set(address, picture);
    if (this.loaded.size > AHEAD) this.loaded.delete(this.loaded.keys().next().value);
    return picture;
  }

  // Load what the next move may ask for: the neighbours of each control, and both its ends.
  lookAhead() {
    const here = this.places();
    here.forEach((place, i) => {
      const last = this.controls[i].labels.length - 1;
      for (const next of new Set([place - 1, place + 1, 0, last].filter((next) => next >= 0 && next <= last))) {
        const places = here.with(i, next);
        if (places.join("-") in this.runs) this.load(places, !LESS_MOTION.matches);
      }
    });
  }

  // Draw a prediction as a dashed line over the picture, as `helpers.predict.mark` does in the notebook.
  follow({ field, box: [left, bottom, right, top], ends, scale, upright }, screen) {
    const line = screen.appendChild(document.createElement("div"));
    line.className = "course-mark";
    const input = document.getElementById(field);
    input.addEventListener("input", () => {
      const [from, to, at] = [...ends, input.valueAsNumber].map((number) => (scale === "log" ? Math.log(number) : number));
      const part = (at - from) / (to - from);
      line.hidden = !(part >= 0 && part <= 1);
      const percent = (number) => `${100 * number}%`;
      const place = upright
        ? { left: left + part * (right - left), top: 1 - top, width: 0, height: top - bottom }
        : { left, top: 1 - bottom - part * (top - bottom), width: right - left, height: 0 };
      for (const [name, number] of Object.entries(place)) line.style[name] = percent(number);
    });
    line.hidden = true;
  }
}

for (const figure of document.querySelectorAll(".course-player")) new Player(figure);

for (const outcome of document.querySelectorAll("[data-field]")) {
  const input = document.getElementById(outcome.dataset.field);
  input.addEventListener("input", () => {
    outcome.textContent = input.value === "" ? WORDS.none : WORDS.predicted.replace("{number}", input.value);
  });
}
