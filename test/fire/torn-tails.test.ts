import { playTornTails } from "./play-torn-tails.ts";

// `make torture` tears at every byte.
playTornTails(41);
