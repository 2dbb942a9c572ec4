import { playTornTails } from "./play-torn-tails.ts";

// `make torture` cuts at every byte.
playTornTails(41);
