import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRandom } from "../../src/generate/random.ts";
import { seed, seedNote } from "../support/seed.ts";
import type { SentBatch } from "./books.ts";
import { type Crowd, playCrowd } from "./crowd.ts";
import { playResets, playResetsInTurn, playTruncations } from "./cuts.ts";
import { SPOKEN_AND_ECHO } from "./dialogue.ts";
import { playFrozen } from "./frozen.ts";
import { playGone } from "./gone.ts";
import {
  askWinners,
  drawnFloods,
  drawWinners,
  openFloods,
  playNeverReading,
  rejectedBatches,
} from "./never-reading.ts";
import { playOversize } from "./oversize.ts";
import { noReadings } from "./process-readings.ts";
import { centralOf } from "./same-central.ts";
import { playSlowloris } from "./slowloris.ts";
import { playCrowding, playStorm } from "./storms.ts";
import { until } from "./until.ts";

/** The numbers of everything: small for every run of the tests, large for `make torture`. */
export interface AbuseNumbers {
  /** Centrals that are abused at the same time. */
  readonly atOnce: number;
  /** More agencies than any of these tests has, so that nothing is drawn. */
  readonly agencies: number;
  readonly slowConnections: number;
  /** Connections in each state of a peer that is frozen or gone. */
  readonly frozenTimes: number;
  /** Bets in the batches of the conversation that is cut at every byte. */
  readonly cutBatchBets: readonly number[];
  /** Whether it is reset again at every byte, this time after all earlier answers. */
  readonly resetsInTurn: boolean;
  /** Peers of each kind that never read; 0 for a single one. */
  readonly floodTimes: number;
  readonly winners: number;
  readonly stormConnections: number;
  readonly crowdingRounds: number;
  readonly crowd: Crowd;
}

/** Deadlines that a good agency on a busy machine still keeps. */
const SHORT_DEADLINES = {
  SERVER_HEADER_TIMEOUT: "2s",
  SERVER_FRAME_TIMEOUT: "2s",
  SERVER_IDLE_TIMEOUT: "3s",
};
const FEW_PLACES = { connectionsMax: 60, perAddressMax: 20 };

/**
 * The tests of one central run one after the other, because each looks at the central's descriptors
 * at its end.
 */
const IN_TURN = { concurrency: 1 };

/** Connections of tests that have few. */
const FEW = 200;
const MEGABYTE = 2 ** 20;
/** Far above what was ever seen, and below what a central without limits would take. */
const MEMORY_BYTES_MAX = 700 * MEGABYTE;

/** Defines the tests. After each of them the same central is as before, and serves good agencies. */
export function abuseSuite(numbers: AbuseNumbers): void {
  const { atOnce, floodTimes } = numbers;
  const openDraw = { SERVER_AGENCIES: `${numbers.agencies}` };

  describe(`P9: abuse (${seedNote})`, { skip: noReadings ?? false, concurrency: atOnce }, () => {
    describe("a central with short deadlines", IN_TURN, () => {
      const { played } = centralOf({ ...openDraw, ...SHORT_DEADLINES });
      const { slowConnections, frozenTimes } = numbers;

      played(
        `serves a good agency beside ${slowConnections} connections that send a byte at a time`,
        slowConnections,
        async ({ central, books }) => {
          const served = await playSlowloris(central, books, { connections: slowConnections });
          assert.ok(served > 0);
          return `${served} batches were confirmed meanwhile`;
        },
      );

      played("ends frozen peers while they are frozen", FEW, async ({ central, books }) => {
        const waiting = await playFrozen(central, books, { times: frozenTimes });
        return `${waiting} of them waited for the draw`;
      });
    });

    describe("another central with short deadlines", IN_TURN, () => {
      const { played } = centralOf({ ...openDraw, ...SHORT_DEADLINES });

      played(
        "keeps no place for peers that waited for the draw and are gone",
        FEW,
        async (stage) => {
          await playGone(stage.central, stage.books, { times: numbers.frozenTimes });
        },
      );

      played("ends peers that never read", FEW, async ({ central, books }) => {
        const floods = Array.from({ length: floodTimes }, () => openFloods(books)).flat();
        const some = floodTimes === 0 ? [rejectedBatches(books)] : floods;
        const { takenBytes, peakBytes } = await playNeverReading(central, some);
        assert.ok(peakBytes < MEMORY_BYTES_MAX, `${peakBytes} bytes of memory`);
        return `${megabytes(takenBytes)} taken, ${megabytes(peakBytes)} of memory at most`;
      });
    });

    describe("a central whose draw is over", IN_TURN, () => {
      const settings = { SERVER_AGENCIES: "1", ...SHORT_DEADLINES };
      const { played } = centralOf(settings, { good: [] });

      played("ends peers that ask for winners and never read", FEW, async ({ central, books }) => {
        const agency = await drawWinners(central, books, numbers.winners);
        const floods = drawnFloods(agency, Math.max(1, floodTimes));
        const { takenBytes, peakBytes } = await playNeverReading(central, floods);
        assert.ok(peakBytes < MEMORY_BYTES_MAX, `${peakBytes} bytes of memory`);
        assert.equal(await askWinners(central, agency), numbers.winners);
        return `${megabytes(takenBytes)} taken, ${megabytes(peakBytes)} of memory at most`;
      });
    });

    describe("a central with default deadlines", IN_TURN, () => {
      const { played, stop } = centralOf(openDraw);
      const unsaid: SentBatch[] = [];

      for (const dialect of SPOKEN_AND_ECHO) {
        const cuts = { dialect, batchBets: numbers.cutBatchBets };

        played(
          `survives a reset after every byte of ${dialect}`,
          FEW,
          async ({ central, books }) => {
            const blind = await playResets(central, books, cuts);
            const inTurn = numbers.resetsInTurn ? await playResetsInTurn(central, books, cuts) : 0;
            return `${blind + inTurn} connections`;
          },
        );

        played(
          `survives an end after every byte of ${dialect}`,
          FEW,
          async ({ central, books }) => {
            unsaid.push(...(await playTruncations(central, books, cuts)));
          },
        );
      }

      played(
        "takes the largest message and refuses a larger one",
        FEW,
        async ({ central, books }) => {
          unsaid.push(...(await playOversize(central, books)));
        },
      );

      // This test is the last one, because it stops the central.
      it("P1 P3: has stored what it confirmed, and no batch whose end was never sent", async () => {
        const { central, books } = await stop();
        const stored = await books.assertDurable(central.dataDir);
        for (const batch of unsaid) {
          assert.ok(!stored.has(batch), `batch ${batch.sequence} of agency ${batch.agency}`);
        }
      });
    });

    describe("a central with many connections", IN_TURN, () => {
      const { idle, busy } = numbers.crowd;
      const places = { SERVER_CONNECTIONS_MAX: `${idle + busy + FEW}` };
      const { played, stop } = centralOf({ ...openDraw, ...places });

      played(
        `serves ${busy} busy connections beside ${idle} idle ones`,
        idle + busy,
        async (stage) => {
          const memory = await playCrowd(stage.central, stage.books, numbers.crowd);
          const { beforeBytes, idleBytes, busyBytes, afterBytes, peakBytes } = memory;
          assert.ok(peakBytes < MEMORY_BYTES_MAX, `${peakBytes} bytes of memory`);
          const mb = [beforeBytes, idleBytes, busyBytes, afterBytes, peakBytes].map(megabytes);
          return `RSS before ${mb[0]}, with idle ${mb[1]}, busy too ${mb[2]}, after ${mb[3]}, peak ${mb[4]}`;
        },
      );

      it("P1: has stored what it confirmed", async () => {
        const { central, books } = await stop();
        await books.assertDurable(central.dataDir);
      });
    });

    describe("a central with few places", IN_TURN, () => {
      const { played } = centralOf({
        ...openDraw,
        SERVER_CONNECTIONS_MAX: `${FEW_PLACES.connectionsMax}`,
        SERVER_CONNECTIONS_PER_ADDRESS_MAX: `${FEW_PLACES.perAddressMax}`,
        SERVER_PEER_BUFFER_BYTES_MAX: "8192",
        // The peer that does not read sends batches that are refused, and must not be ended for
        // these.
        SERVER_REFUSED_MAX: "0",
      });

      played("turns away connections for which it has no place", FEW, async ({ central }) => {
        await playCrowding(central, FEW_PLACES, numbers.crowdingRounds);
      });

      played("survives a storm of connections", FEW, async ({ central }) => {
        const random = createRandom(seed);
        await playStorm(central, { connections: numbers.stormConnections, random });
      });

      played(
        "cuts a peer that leaves more answers unread than the cap allows",
        FEW,
        async ({ central, books }) => {
          await playNeverReading(central, [rejectedBatches(books)]);
          // The line may come later than the end.
          await until("its line in the log", () => central.cutSessions("not reading") === 1);
        },
      );
    });
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}
