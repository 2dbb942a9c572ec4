/** A preload for a program (`node --import`) that stops its clock at one moment. */
export const clockAt = (moment: string): string => `
const at = Date.parse(${JSON.stringify(moment)});
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) {
    super(...(given.length === 0 ? [at] : given));
  }
  static now() {
    return at;
  }
};`;
