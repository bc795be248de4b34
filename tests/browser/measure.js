/* What one page measures, as a list of complaints: called once a page, with the least that its variant allows. */
(least) => {
  const complaints = [];
  const complain = (what, element, found) => complaints.push(
    `${what}: <${element.tagName.toLowerCase()}> ${(element.textContent.trim() || element.name || '').slice(0, 24)} ${found}`);
  const style = (element, part) => getComputedStyle(element, part);
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.aside, .skip');
  const all = [...document.querySelectorAll('body, body *')].filter(isSeen);
  const written = all.filter((one) => !one.closest('svg, option')
    && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));

  function parse(colour) {
    const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    return { rgb: [red, green, blue], alpha };
  }
  function behind(element) {
    for (let one = element; one; one = one.parentElement) {
      const { rgb, alpha } = parse(style(one).backgroundColor);
      if (alpha > 0) return rgb;
    }
    return [255, 255, 255];
  }
  function luminance(rgb) {
    const [red, green, blue] = rgb.map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
  function contrast(one, other) {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }

  function measureText() {
    const body = style(document.body);
    if (parseFloat(body.fontSize) < least.body) complain('body text too small', document.body, body.fontSize);
    for (const one of written) {
      const { fontSize, lineHeight, color } = style(one);
      if (parseFloat(fontSize) < least.text) complain('text too small', one, fontSize);
      const isRunning = !one.closest('h1, h2, h3, .number');
      if (isRunning && parseFloat(lineHeight) / parseFloat(fontSize) < least.leading - 0.001)
        complain('lines too close', one, lineHeight);
      const ratio = contrast(parse(color).rgb, behind(one));
      if (ratio < least.contrast) complain('contrast too low', one, ratio.toFixed(2));
    }
    for (const one of all.filter((element) => element.matches('.input, .option input'))) {
      const edge = one.matches('.input') ? style(one) : style(one.nextElementSibling, '::before');
      const ratio = contrast(parse(edge.borderTopColor).rgb, behind(one.parentElement));
      if (ratio < 3) complain('edge of a control too faint', one, ratio.toFixed(2));
    }
  }

  function targets() {
    const controls = all.filter((one) => one.matches('a[href], button, input, select, textarea, summary')
      && one.type !== 'hidden');
    return controls.map((one) => (one.matches('.option input') ? one.nextElementSibling : one));
  }
  function measureTargets() {
    const boxes = targets().map((one) => [one, one.getBoundingClientRect()]);
    boxes.forEach(([one, box], n) => {
      if (Math.min(box.width, box.height) < least.target - 0.01)
        complain('target too small', one, `${box.width.toFixed(1)}x${box.height.toFixed(1)}`);
      for (const [other, beside] of boxes.slice(n + 1)) {
        const apart = Math.max(beside.left - box.right, box.left - beside.right, beside.top - box.bottom,
          box.top - beside.bottom);
        if (apart < least.gap - 0.01) complain('targets too close', one, `${apart.toFixed(1)} to ${other.textContent.trim()}`);
      }
    });
  }

  function measureFit(when) {
    const width = document.documentElement.clientWidth;
    const sideways = document.documentElement.scrollWidth - width;
    if (sideways > 0) complain(`scrolls sideways ${when}`, document.body, `by ${sideways}`);
    for (const one of written) {
      const range = document.createRange();
      for (const node of [...one.childNodes].filter((child) => child.nodeType === 3 && child.data.trim())) {
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect();
        if (box.right > width + 1 || box.left < -1) complain(`text leaves the window ${when}`, one, box.right.toFixed());
        for (let around = one; around !== document.body && around; around = around.parentElement) {
          const frame = around.getBoundingClientRect();
          const clips = style(around).overflow !== 'visible' || around.matches('button, .button, .option label, .switches a');
          if (clips && (box.right > frame.right + 1 || box.left < frame.left - 1 || box.bottom > frame.bottom + 1
            || box.top < frame.top - 1)) complain(`text cut ${when}`, one, `${box.width.toFixed()}x${box.height.toFixed()}`);
        }
      }
    }
    const pen = document.createElement('canvas').getContext('2d');
    for (const one of document.querySelectorAll('select')) {
      const { font, paddingLeft, paddingRight } = style(one);
      pen.font = font;
      const room = one.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
      const needed = pen.measureText(one.selectedOptions[0].text).width;
      if (needed > room) complain(`choice cut ${when}`, one, `${needed.toFixed()} of ${room}`);
    }
  }
  function measureEnlarged() {
    document.documentElement.style.fontSize = '200%';
    measureFit('at 200 %');
    document.documentElement.style.fontSize = '';
  }

  function ring(one) {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = style(one);
    return [outlineStyle === 'none' ? '' : `${outlineStyle} ${outlineWidth} ${outlineColor}`, boxShadow].join(' / ');
  }
  function measureFocus() {
    let above = null;
    const before = document.activeElement;
    for (const one of all.filter((element) => element.matches('a[href], button, input, select, textarea'))) {
      if (one.tabIndex > 0) complain('order of focus set by hand', one, one.tabIndex);
      if (one.tabIndex < 0 || one.type === 'hidden') continue;
      const shown = one.matches('.option input') ? one.nextElementSibling : one;
      document.activeElement.blur();
      const unfocused = ring(shown);
      one.focus({ preventScroll: true, focusVisible: true });
      if (document.activeElement !== one) complain('cannot be focused', one, '');
      else if (ring(shown) === unfocused) complain('focus is not seen', one, unfocused);
      const box = shown.getBoundingClientRect();
      if (above && (box.bottom <= above.top || (box.right <= above.left && box.top < above.bottom)))
        complain('focus goes against the order of reading', one, `${box.top} after ${above.top}`);
      above = box;
    }
    before.focus({ preventScroll: true });
  }

  function measureMotion() {
    for (const one of all) for (const part of [null, '::before', '::after']) {
      const { transitionDuration, animationName } = style(one, part);
      if (animationName !== 'none' || transitionDuration.split(',').some((time) => parseFloat(time) > 0.001))
        complain('moves', one, `${animationName} ${transitionDuration}`);
    }
  }

  function measureAmount() {
    if (!least.alone) return;
    const questions = document.querySelectorAll('#answers .question').length;
    const options = [...document.querySelectorAll('#answers .option')].filter(isSeen).length;
    if (questions > 1) complain('several questions on a page', document.body, questions);
    if (options > 6) complain('many options on a page', document.body, options);
  }

  measureText();
  measureTargets();
  measureFit('at its width');
  measureEnlarged();
  measureFocus();
  measureMotion();
  measureAmount();
  return [...new Set(complaints)];
}
