/* A map of points on a canvas: drawn, moved and zoomed by mouse, fingers and keys. It knows places,
   groups and numbers; of passages it knows nothing. */

import { made } from "./taking.js";

const MARGIN = 22;       // pixels around all points, room for a marker
const NEAR = 14;         // pixels from a point at which it counts as pointed at
const DRAG = 4;          // pixels after which a press is no click
const CLOSEST = 60;      // zoom at most
const MARKER = 10;       // radius of a numbered hit

/* `told` is what the map tells: pointed(index or null, by), with "key" or "mouse"; opened(index);
   picked(rank), for a hit. Returns what may be done to the map. */
export function createMap(told) {
  const canvas = made("canvas", { className: "atlas-canvas", tabIndex: 0, role: "application" });
  canvas.setAttribute("aria-label", "Map of passages");
  canvas.setAttribute("aria-describedby", "atlas-keys");
  const pen = canvas.getContext("2d");

  let points = { x: [], y: [] };          // from 0 to 1
  let colours = [];                       // of each point, the name of a CSS variable
  let matches = () => true;               // whether a point, by index, is in what is looked at
  let hits = [];                          // {x, y, rank}, best first
  let question = null;                    // {x, y}
  let current = null;                     // the point that is pointed at
  let view = { zoom: 1, x: 0.5, y: 0.5 }; // what stands in the middle
  let size = { width: 0, height: 0 };
  let drawn = 0;                          // the frame that is asked for, if any

  /* ---- Places ---------------------------------------------------------------------------- */

  const scale = () => view.zoom * Math.max(1, Math.min(size.width, size.height) - 2 * MARGIN);
  const across = (x) => (x - view.x) * scale() + size.width / 2;
  const down = (y) => (y - view.y) * scale() + size.height / 2;
  const spot = (point) => ({ x: across(point.x), y: down(point.y) });

  function look(zoom, x, y) {
    zoom = Math.min(CLOSEST, Math.max(1, zoom));
    const hold = (value) => Math.min(1, Math.max(0, value));
    view = zoom === 1 ? { zoom, x: 0.5, y: 0.5 } : { zoom, x: hold(x), y: hold(y) };
    draw();
  }

  // Zooms so that what is at a place of the canvas stays there.
  function zoomAt(factor, left, top) {
    const x = (left - size.width / 2) / scale() + view.x;
    const y = (top - size.height / 2) / scale() + view.y;
    const ratio = view.zoom / Math.min(CLOSEST, Math.max(1, view.zoom * factor));
    look(view.zoom * factor, x + (view.x - x) * ratio, y + (view.y - y) * ratio);
  }

  const zoomBy = (factor) => zoomAt(factor, size.width / 2, size.height / 2);
  const move = (dx, dy) => look(view.zoom, view.x - dx / scale(), view.y - dy / scale());

  function nearest(left, top, within, fits = () => true) {
    let best = null;
    let least = within * within;
    for (let i = 0; i < points.x.length; i++) {
      const dx = across(points.x[i]) - left;
      const dy = down(points.y[i]) - top;
      const far = dx * dx + dy * dy;
      if (far < least && matches(i) && fits(dx, dy)) { best = i; least = far; }
    }
    return best;
  }

  /* ---- Drawing --------------------------------------------------------------------------- */

  const radius = () => {
    const plain = points.x.length > 4000 ? 1.9 : points.x.length > 400 ? 2.8 : 5;
    return Math.min(7, plain * Math.sqrt(Math.sqrt(view.zoom)));
  };

  // A dot is painted once for each colour and then copied: thousands of copies take milliseconds.
  function dot(colour, ratio) {
    const side = Math.ceil(2 * radius() * ratio) + 2;
    const sprite = made("canvas", { width: side, height: side });
    const brush = sprite.getContext("2d");
    brush.fillStyle = colour;
    brush.arc(side / 2, side / 2, radius() * ratio, 0, 2 * Math.PI);
    brush.fill();
    return sprite;
  }

  function paint() {
    drawn = 0;
    const ratio = devicePixelRatio || 1;
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    const dots = new Map([...new Set(colours), "--atlas-faint"].map((name) =>
      [name, dot(colour(name), ratio)]));
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    for (const wanted of [false, true]) {
      for (let i = 0; i < points.x.length; i++) {
        if (matches(i) !== wanted) continue;
        const sprite = dots.get(wanted ? colours[i] : "--atlas-faint");
        const left = across(points.x[i]) * ratio - sprite.width / 2;
        const top = down(points.y[i]) * ratio - sprite.height / 2;
        if (left > -sprite.width && top > -sprite.width && left < canvas.width && top < canvas.height) {
          pen.drawImage(sprite, left, top);
        }
      }
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (current !== null) {
      const { x, y } = spot({ x: points.x[current], y: points.y[current] });
      ring(x, y, radius() + 5, colour("--ink"), colour("--sheet"));
    }
    pen.font = `600 12px ${style.fontFamily}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    if (question) {
      const { x, y } = spot(question);
      ring(x, y, 15, colour("--ink"), colour("--sheet"));
    }
    markers = apart(hits.map((hit) => ({ ...spot(hit), rank: hit.rank })));
    for (const marker of markers.toReversed()) {
      pen.beginPath();
      pen.moveTo(marker.x, marker.y);
      pen.lineTo(marker.left, marker.top);
      pen.lineWidth = 1.5;
      pen.strokeStyle = colour("--ink");
      pen.stroke();
      pen.beginPath();
      pen.arc(marker.left, marker.top, MARKER, 0, 2 * Math.PI);
      pen.fillStyle = colour("--ink");
      pen.fill();
      pen.strokeStyle = colour("--sheet");
      pen.stroke();
      label(marker.rank, marker.left, marker.top, colour("--sheet"));
    }
  }

  let markers = [];   // hits as they are drawn: {x, y} is their place, {left, top} that of the number

  function ring(x, y, width, outer, inner) {
    for (const [stroke, line] of [[inner, 5], [outer, 2]]) {
      pen.beginPath();
      pen.arc(x, y, width, 0, 2 * Math.PI);
      pen.lineWidth = line;
      pen.strokeStyle = stroke;
      pen.stroke();
    }
  }

  function label(text, x, y, colour) {
    pen.fillStyle = colour;
    pen.fillText(text, x, y + 0.5);
  }

  // A number stands beside its point; those that would lie on each other go farther, the best least.
  function apart(found) {
    const placed = [];
    for (const each of found) {
      let left, top, turn = 0;
      do {
        const far = radius() + MARKER + 4 + turn * 1.5;
        left = each.x + far * Math.cos(turn * 2.4 - 0.8);
        top = each.y + far * Math.sin(turn * 2.4 - 0.8);
      } while (++turn < 60 && placed.some((other) =>
        Math.hypot(other.left - left, other.top - top) < 2 * MARKER + 1));
      placed.push({ ...each, left, top });
    }
    return placed;
  }

  const draw = () => { drawn ||= requestAnimationFrame(paint); };

  new ResizeObserver(([{ contentRect }]) => {
    const ratio = devicePixelRatio || 1;
    size = { width: contentRect.width, height: contentRect.height };
    canvas.width = Math.round(size.width * ratio);
    canvas.height = Math.round(size.height * ratio);
    if (drawn) cancelAnimationFrame(drawn);
    paint(); // at once: a canvas whose size was set is empty
  }).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  /* ---- Mouse and fingers ----------------------------------------------------------------- */

  const held = new Map();   // the pointers that are down, by id
  let dragged = false;

  const at = (event) => ({ x: event.offsetX, y: event.offsetY });
  const marked = ({ x, y }) =>
    markers.find((marker) => Math.hypot(marker.left - x, marker.top - y) <= MARKER + 2);

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    if (held.size === 0) dragged = false;
    held.set(event.pointerId, at(event));
  });

  canvas.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    const now = at(event);
    if (!before) {
      if (event.pointerType !== "mouse") return;
      const hit = marked(now);
      canvas.style.cursor = hit || nearest(now.x, now.y, NEAR) !== null ? "pointer" : "grab";
      if (!hit) point(nearest(now.x, now.y, NEAR), "mouse");
      return;
    }
    if (!dragged && Math.hypot(now.x - before.x, now.y - before.y) < DRAG) return;
    dragged = true;
    if (held.size === 1) move(now.x - before.x, now.y - before.y);
    else {
      const [other] = [...held].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      const middle = (place) => ({ x: (place.x + other.x) / 2, y: (place.y + other.y) / 2 });
      const span = (place) => Math.max(1, Math.hypot(place.x - other.x, place.y - other.y));
      move(middle(now).x - middle(before).x, middle(now).y - middle(before).y);
      zoomAt(span(now) / span(before), middle(now).x, middle(now).y);
    }
    held.set(event.pointerId, now);
  });

  canvas.addEventListener("pointerup", (event) => {
    if (!held.delete(event.pointerId) || dragged) return;
    const hit = marked(at(event));
    const index = nearest(event.offsetX, event.offsetY, NEAR);
    if (hit) told.picked(hit.rank);
    else if (index !== null) {
      point(index, "mouse");
      told.opened(index);
    }
  });
  canvas.addEventListener("pointercancel", (event) => { held.delete(event.pointerId); dragged = true; });

  canvas.addEventListener("dblclick", (event) => zoomAt(2, event.offsetX, event.offsetY));

  // The page scrolls over the map until the map has the focus. A pinch comes as a wheel with Ctrl.
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== canvas) return;
    event.preventDefault();
    zoomAt(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event.offsetX, event.offsetY);
  }, { passive: false });

  /* ---- Keys ------------------------------------------------------------------------------ */

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const KEYS = { "+": () => zoomHere(1.5), "=": () => zoomHere(1.5), "-": () => zoomHere(1 / 1.5), 0: all };

  // What the keys are at stays in sight.
  function zoomHere(factor) {
    if (current === null) zoomBy(factor);
    else look(view.zoom * factor, points.x[current], points.y[current]);
  }

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow && event.shiftKey) move(-80 * arrow[0], -80 * arrow[1]);
    else if (arrow) step(...arrow);
    else if (event.key === "Enter" && current !== null) told.opened(current);
    else if (Object.hasOwn(KEYS, event.key)) KEYS[event.key]();
    else return;
    event.preventDefault();
  });

  // To the nearest point on that side; from none, to the one nearest the middle.
  function step(right, below) {
    let next;
    if (current === null) next = nearest(size.width / 2, size.height / 2, Infinity);
    else {
      const { x, y } = spot({ x: points.x[current], y: points.y[current] });
      next = nearest(x, y, Infinity, (dx, dy) => {
        const ahead = dx * right + dy * below;
        return ahead > 0.5 && ahead >= Math.abs(dx * below + dy * right);
      });
    }
    if (next === null) return;
    point(next, "key");
    const { x, y } = spot({ x: points.x[next], y: points.y[next] });
    if (x < 0 || y < 0 || x > size.width || y > size.height) look(view.zoom, points.x[next], points.y[next]);
  }

  function point(index, by) {
    if (index === current) return;
    current = index;
    told.pointed(index, by);
    draw();
  }

  function all() { look(1, 0.5, 0.5); }

  return {
    canvas, all, zoomBy, draw,
    showPoints(found) { points = found; current = null; all(); },
    colour(names) { colours = names; draw(); },
    match(fits) { matches = fits; draw(); },
    showQuestion(place, found) { question = place; hits = found; draw(); },
  };
}
