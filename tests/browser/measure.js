/* What one page measures, as a list of complaints: called once a page, with the least that its variant allows. */
(least) => {
  const complaints = [];
  const complain = (what, element, found) => complaints.push(
    `${what}: <${element.tagName.toLowerCase()}> ${(element.textContent.trim().replace(/\s+/g, ' ') || element.name || '').slice(0, 24)} ${found}`);
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
      const isRunning = !one.closest('h1, h2, h3, .label, .number');
      if (isRunning && parseFloat(lineHeight) / parseFloat(fontSize) < least.leading - 0.001)
        complain('lines too close', one, lineHeight);
      const ratio = contrast(parse(color).rgb, behind(one));
      if (ratio < least.contrast) complain('contrast too low', one, ratio.toFixed(2));
    }
    for (const one of all.filter((element) => element.matches('.input, .option input'))) {
      const drawn = !one.matches('.input') && style(one).opacity === '0';
      const edge = drawn ? style(one.nextElementSibling, '::before') : style(one);
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
    for (const one of all.filter((element) => element.matches('.question .option'))) {
      const [own, room] = [one, one.closest('.question')].map((element) => element.getBoundingClientRect().width);
      if (own < 0.7 * room) complain(`option squeezed ${when}`, one, `${own.toFixed()} of ${room.toFixed()}`);
    }
    const pen = document.createElement('canvas').getContext('2d');
    for (const one of all.filter((element) => element.matches('select'))) {
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

  function ring(...shown) {
    return shown.filter((one) => style(one).opacity !== '0').map((one) => {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow } = style(one);
      return [outlineStyle === 'none' ? '' : `${outlineStyle} ${outlineWidth} ${outlineColor}`, boxShadow].join(' / ');
    }).join(' + ');
  }
  function isOnTop(one) {
    const { left, top, width, height } = one.getBoundingClientRect();
    return [0.1, 0.5, 0.9].some((part) => {
      const found = document.elementFromPoint(left + width / 2, top + height * part);
      return found && (found.contains(one) || one.contains(found));
    });
  }
  function measureFocus() {
    let above = null;
    const before = document.activeElement;
    for (const one of all.filter((element) => element.matches('a[href], button, input, select, textarea'))) {
      if (one.tabIndex > 0) complain('order of focus set by hand', one, one.tabIndex);
      if (one.tabIndex < 0 || one.type === 'hidden') continue;
      const shown = one.matches('.option input') ? one.nextElementSibling : one;
      document.activeElement.blur();
      const unfocused = ring(one, shown);
      one.focus({ focusVisible: true });
      if (document.activeElement !== one) complain('cannot be focused', one, '');
      else if (ring(one, shown) === unfocused) complain('focus is not seen', one, unfocused);
      const box = shown.getBoundingClientRect();
      if (!isOnTop(one)) complain('focus is hidden', one, '');
      const place = { top: box.top + scrollY, bottom: box.bottom + scrollY, left: box.left, right: box.right };
      if (above && (place.bottom <= above.top || (place.right <= above.left && place.top < above.bottom)))
        complain('focus goes against the order of reading', one, `${place.top} after ${above.top}`);
      above = place;
    }
    document.activeElement.blur();
    before.focus();
    scrollTo(0, 0);
  }

  function measureMotion() {
    for (const one of all) for (const part of [null, '::before', '::after']) {
      const { transitionDuration, animationName } = style(one, part);
      if (animationName !== 'none' || transitionDuration.split(',').some((time) => parseFloat(time) > 0.001))
        complain('moves', one, `${animationName} ${transitionDuration}`);
    }
  }

  function measureAmount() {
    const questions = all.filter((one) => one.matches('#answers:not([action$="/helper"]) .question'));
    const options = all.filter((one) => one.matches('#answers .option'));
    if (questions.length > least.questions) complain('many questions on a page', document.body, questions.length);
    if (options.length > least.options) complain('many options on a page', document.body, options.length);
    for (const one of questions) if (least.aloud && !one.querySelector('.aloud')) complain('cannot be read aloud', one, '');
    if (least.phone && !all.some((one) => one.matches('footer a[href^="tel:"]')))
      complain('no telephone number', document.body, '');
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
