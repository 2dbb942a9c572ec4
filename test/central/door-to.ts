import { type Door, RegisterAdmitter } from "../../src/central/admitter.ts";
import type { DrawDesk } from "../../src/central/draw-desk.ts";

/** The door to one draw alone, which is the current one. */
export function doorTo(desk: DrawDesk): Door {
  const finder = {
    events: desk.events,
    current: desk,
    find: (draw: string) => (draw === desk.draw ? desk : undefined),
  };
  return { admitter: (sender) => new RegisterAdmitter(finder, sender) };
}
