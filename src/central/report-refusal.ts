import type { Feed } from "../events/feed.ts";
import type { Claim, Refusal } from "../protocols/counter.ts";
import type { Sender } from "./sender.ts";

/**
 * Says that a peer was not admitted, if its dialect said what for. The agency is not the peer's, or not one of
 * the draw, so its number does not go into the source of the event.
 */
export function reportRefusal(
  refusal: Refusal,
  { agency, wants }: Pick<Claim, "agency" | "wants">,
  sender: Sender,
  events: Pick<Feed, "publish">,
): void {
  if (wants === undefined) return;
  if (wants !== "attend") sender.refused();
  const from = { address: sender.address };
  if (typeof wants === "object") {
    const batch = { agency, count: wants.bets };
    events.publish({ kind: "batch-refused", from, batch, why: refusal });
  } else {
    const { kind: reason } = refusal;
    const unproven = refusal.kind === "unproven" ? refusal.why : undefined;
    events.publish({ kind: "admission-refused", from, agency, wants, reason, unproven });
  }
}
