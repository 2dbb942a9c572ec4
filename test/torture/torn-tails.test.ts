import { playTornTails } from "../fire/play-torn-tails.ts";

playTornTails(1);
