// What the report of a training and the page of `nnc explain` share.
function add(parent, tag, text, attributes = {}) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  parent.append(element);
  return element;
}
function draw(parent, tag, attributes, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}
const grouped = n => n.toLocaleString('en-US');
function bytes(n) {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (n >= 1000 && unit < 4) { n /= 1000; ++unit; }
  return (unit ? n.toPrecision(3) : n) + ' ' + units[unit];
}

/// A net's inputs and what it computes with, one box below the other, and an arrow to each box from what it takes:
/// `box.inputs` counts boxes from 0 and inputs down from -1. Gives the boxes, which `fill(element, box)` has filled.
function graph(parent, inputs, boxes, fill) {
  const frame = add(parent, 'div', undefined, {class: 'net'}), svg = draw(frame, 'svg', {'aria-hidden': true});
  const heads = inputs.map(input => {
    const element = add(frame, 'div', undefined, {class: 'layer input'});
    add(element, 'b', input.name);
    add(element, 'code', ' ' + input.type);
    return element;
  });
  const rows = boxes.map(box => {
    const element = add(frame, 'div', undefined, {class: 'layer', style: `margin-left:${box.depth}rem`});
    fill(element, box);
    return element;
  });
  function connect() {
    svg.replaceChildren();
    boxes.forEach((box, to) => box.inputs.forEach(from => {
      const source = from < 0 ? heads[-1 - from] : rows[from];
      const a = source.offsetTop + source.offsetHeight * .7, b = rows[to].offsetTop + rows[to].offsetHeight * .3;
      const start = source.offsetLeft, end = rows[to].offsetLeft;
      const far = source === rows[to].previousElementSibling ? 9 : Math.min(44, 12 + 5 * Math.sqrt((b - a) / 40));
      const edge = Math.max(2, Math.min(start, end) - far);
      draw(svg, 'path', {d: `M${start} ${a}C${edge} ${a} ${edge} ${b} ${end - 1} ${b}`});
      draw(svg, 'path', {d: `M${end - 6} ${b - 3}L${end - 1} ${b}L${end - 6} ${b + 3}`});
    }));
  }
  connect();
  new ResizeObserver(() => requestAnimationFrame(connect)).observe(frame);
  return rows;
}
/// A bar below a box that says how large its share is.
function share(element, part) {
  return add(element, 'div', undefined, {class: 'share', style: `width:${100 * part}%`});
}
