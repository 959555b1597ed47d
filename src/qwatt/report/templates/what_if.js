// What if: evaluates the arithmetic that the projection wrote down, with the reader's numbers. No formula stands here.
const whatIf = (() => {
  const data = JSON.parse(document.getElementById("what-if-data").textContent);
  const operations = {
    add: (a, b) => a + b, subtract: (a, b) => a - b, multiply: (a, b) => a * b, divide: (a, b) => a / b,
    power: (a, b) => a ** b, negative: (a) => -a, absolute: Math.abs, maximum: Math.max, minimum: Math.min,
    sqrt: Math.sqrt, exp: Math.exp, exp2: (a) => 2 ** a, log: Math.log, log2: Math.log2, log10: Math.log10,
    ceil: Math.ceil, floor: Math.floor, remainder: (a, b) => a - b * Math.floor(a / b), isfinite: Number.isFinite,
    less: (a, b) => a < b, less_equal: (a, b) => a <= b, greater: (a, b) => a > b, greater_equal: (a, b) => a >= b,
    equal: (a, b) => a === b, not_equal: (a, b) => a !== b, bitwise_and: (a, b) => a && b,
    where: (condition, yes, no) => (condition ? yes : no),
  };

  const run = (program, inputs) => {
    const values = [...inputs, ...program.constants.map(Number)];
    for (const [code, ...parts] of program.lines) {
      const name = program.operations[code];
      if (name === "call") values.push(run(program.routines[parts[0]], parts.slice(1).map((at) => values[at])));
      else if (name === "take") values.push(values[parts[0]][parts[1]]);
      else values.push(operations[name](...parts.map((at) => values[at])));
    }
    return program.outputs.map((at) => values[at]);
  };

  /** The answers by name, for settings as `data.own` has them. */
  const answers = (settings) => {
    const columns = { ...data.columns.history, ...data.columns[settings.roadmap] };
    const at = settings.year - data.years[0];
    const yearly = (column) => (Array.isArray(column) ? column[at] : column);
    const inputs = data.program.inputs.map((name) => settings[name] ?? yearly(columns[name]));
    const found = run(data.program, inputs);
    return Object.fromEntries(data.outputs.map((name, i) => [name, found[i]]));
  };
  return { data, answers };
})();

(() => {
  const { data, answers } = whatIf;
  const form = document.getElementById("what-if-form");
  const said = document.getElementById("if-said");
  const section = document.getElementById("what-if");
  const ownAnswers = answers(data.own);
  const space = "\u00a0";

  const raised = (power) => `10${[...String(power)].map((c) => ("⁻⁰¹²³⁴⁵⁶⁷⁸⁹")["-0123456789".indexOf(c)]).join("")}`;
  const digits = (value) => {
    const rounded = Number(value.toPrecision(3));
    const size = Math.abs(rounded);
    if (rounded === 0) return "0";
    if (size >= 1e9 || size < 1e-3) {
      const [mantissa, power] = rounded.toExponential(2).split("e");
      return `${Number(mantissa)}${space}×${space}${raised(Number(power))}`.replace(/^-/, "−");
    }
    const text = size >= 100 ? rounded.toFixed(0).replace(/\B(?=(\d{3})+$)/g, space) : String(rounded);
    return text.replace("-", "−");
  };
  const amount = (value, unit) => {
    const ladder = data.ladders[unit];
    const least = value ? ladder[ladder.length - 1] : ladder.find(([factor]) => factor === 1);
    const [factor, name] = ladder.find(([step]) => Math.abs(value) >= step) ?? least;
    return `${digits(value / factor)}${space}${name}`;
  };
  const powers = (distance) => (Number.isFinite(distance) ? distance.toFixed(1).replace("-", "−") : "beyond any number");
  const against = (now, own) => {
    if (now === own || Math.abs(now - own) <= 1e-9 * Math.abs(own)) return "as on the page";
    if (own <= 0 || now <= 0) return "changed";
    const ratio = now / own;
    return Math.abs(ratio - 1) < 0.1 ? `${ratio > 1 ? "+" : "−"}${digits(Math.abs(100 * (ratio - 1)))}${space}%`
      : `${digits(ratio)} times`;
  };

  const write = (row, name, text, css = "") => {
    const cell = row.querySelector(`.${name}`);
    cell.textContent = text;
    cell.className = `${name}${css}`;
  };
  const sorted = (table, rows, key, shown) => {
    const body = table.tBodies[0];
    const order = (a, b) => Number(key(a) > key(b)) - Number(key(a) < key(b));
    rows.sort(order).forEach((row, place) => { row.hidden = place >= shown; body.append(row); });
  };

  const showLife = (found) => {
    for (const row of section.querySelectorAll("tr[data-output]")) {
      const { output, unit } = row.dataset;
      write(row, "now", amount(found[output], unit));
      const change = against(found[output], ownAnswers[output]);
      const same = change === "as on the page";
      write(row, "change", same ? change : `${change}; page: ${amount(ownAnswers[output], unit)}`, same ? "" : " moved");
    }
  };
  const showLevers = (found) => {
    const table = document.getElementById("if-levers");
    if (!table) return;
    const rows = [...table.querySelectorAll("tr[data-lever]")];
    for (const row of rows) {
      for (const [part, unit] of [["kwh", "kWh"], ["co2e_kg", "kgCO2e"], ["usd", "USD"]]) {
        write(row, part, amount(found[`lever ${row.dataset.lever} ${part}`], unit));
      }
    }
    const net = (row) => data.costs[row.dataset.lever] - found[`lever ${row.dataset.lever} kwh`];
    sorted(table, rows, net, 5);
  };
  const all = document.getElementById("if-all");
  const showFar = (found) => {
    const table = document.getElementById("if-far");
    if (!table) return { changed: 0 };
    const rows = [...table.querySelectorAll("tr[data-far]")];
    const distance = (row) => found[`distance ${row.dataset.far}`];
    const limitIn = (from, id) => {
      const word = data.words[from[`limit ${id}`]];
      return word === "hardware" && from[`distance ${id}`] < 0 ? data.nothing : word;
    };
    let changed = 0;
    for (const row of rows) {
      const id = row.dataset.far;
      const moved = distance(row) - ownAnswers[`distance ${id}`];
      const [limit, ownLimit] = [found, ownAnswers].map((from) => limitIn(from, id));
      const parts = [];
      if (moved === Infinity) parts.push("out of reach");
      else if (Math.abs(moved) >= 0.05) parts.push(`${powers(Math.abs(moved))} ${moved < 0 ? "nearer" : "further"}`);
      if (limit !== ownLimit) parts.push(`limit was ${ownLimit}`);
      if (limit !== ownLimit) changed += 1;
      write(row, "distance", distance(row) < 0 ? `pays: ${powers(distance(row))}` : powers(distance(row)),
        distance(row) < 0 ? " pays" : "");
      write(row, "limit", limit);
      write(row, "change", parts.join("; ") || "as on the page", parts.length ? " moved" : "");
    }
    const open = all && all.getAttribute("aria-expanded") === "true";
    sorted(table, rows, distance, open ? rows.length : Number(table.dataset.shown));
    const near = rows.reduce((best, row) => (distance(row) < distance(best) ? row : best));
    return { near: near.querySelector("th").firstChild.textContent, distance: distance(near), changed,
      limit: limitIn(found, near.dataset.far) };
  };

  const sentence = (found, far) => {
    const life = `The life takes ${amount(found.kwh, "kWh")} (${against(found.kwh, ownAnswers.kwh)})`
      + ` and ${amount(found.co2e_kg, "kgCO2e")}.`;
    if (far.near === undefined) return life;
    const place = far.distance >= 0 ? `is ${powers(far.distance)} powers of ten from paying`
      : "would need less energy than the best classical method, if nothing limited it";
    const limits = far.changed ? ` ${far.changed} ${far.changed === 1 ? "limit differs" : "limits differ"} from the page's.` : "";
    return `${life} The nearest quantum enhancement, ${far.near}, ${place}; its limit: ${far.limit}.${limits}`;
  };

  /** Lines of a scenario that stand for the settings, so that all futures can be drawn anew. */
  const scenario = (settings) => {
    const lines = [["params", "[model] params"], ["requests_per_day", "[deployment] requests_per_day"],
      ["kg_per_kwh", "[site] kg_per_kwh"], ["usd_per_kwh", "[site] usd_per_kwh"], ["roadmap", "[outlook] roadmap"]]
      .filter(([name]) => settings[name] !== data.own[name])
      .map(([name, key]) => `${key} = ${JSON.stringify(settings[name])}`);
    const place = document.getElementById("if-scenario");
    place.hidden = lines.length === 0;
    place.textContent = `For chances and verdicts at these settings, write into your scenario ${lines.join(", ")}`
      + " (params in place of id), and run qwatt project.";
  };

  const show = (settings) => {
    const found = answers(settings);
    showLife(found);
    showLevers(found);
    return sentence(found, showFar(found));
  };

  /** The form's settings, or null after saying which field is wrong. */
  const read = () => {
    const settings = { ...data.own, year: Number(form.elements.year.value), roadmap: form.elements.roadmap.value };
    for (const [name, { label, unit, scale, low, high }] of Object.entries(data.controls)) {
      const field = form.elements[name];
      const value = field.valueAsNumber;
      const right = Number.isFinite(value) && value >= low && value <= high;
      field.setAttribute("aria-invalid", String(!right));
      if (!right) {
        said.textContent = `${label}: give a number from ${digits(low)} to ${digits(high)} ${unit}.`;
        return null;
      }
      settings[name] = field.value === field.defaultValue ? data.own[name] : value * scale;
    }
    return settings;
  };

  let speak;
  const update = () => {
    document.getElementById("if-year-said").textContent = form.elements.year.value;
    const settings = read();
    if (!settings) return;
    const text = show(settings);
    scenario(settings);
    clearTimeout(speak);
    speak = setTimeout(() => { said.textContent = text; }, 200);
  };

  const slide = (slider) => {
    const field = form.elements[slider.dataset.moves];
    const own = Number(field.defaultValue);
    const value = Number((own * 10 ** Number(slider.value)).toPrecision(3));
    field.value = Number(slider.value) === 0 ? field.defaultValue : Math.min(Math.max(value, field.min), field.max);
  };
  for (const slider of form.querySelectorAll("input[data-moves]")) {
    slider.hidden = Number(form.elements[slider.dataset.moves].defaultValue) === 0;
    slider.addEventListener("input", () => slide(slider));
  }
  form.addEventListener("input", (event) => {
    const moved = form.querySelector(`input[data-moves="${event.target.name}"]`);
    const own = Number(event.target.defaultValue);
    if (moved && own > 0 && event.target.value > 0) moved.value = Math.log10(event.target.value / own);
    update();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => {
    for (const slider of form.querySelectorAll("input[data-moves]")) slider.value = 0;
    update();
  }));
  if (all) {
    all.hidden = false;
    all.addEventListener("click", () => {
      all.setAttribute("aria-expanded", String(all.getAttribute("aria-expanded") !== "true"));
      update();
    });
  }
  form.hidden = false;
  addEventListener("beforeprint", () => { said.textContent = "These are the page's own values."; show(data.own); });
  addEventListener("afterprint", update);
})();
