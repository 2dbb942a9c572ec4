import { systemClock } from "../../src/clock.ts";
import { loadAgencyConfig } from "../../src/config/load-agency.ts";
import { calendarDay } from "../../src/lottery/calendar-day.ts";

// A program for a clock and a time zone that were set from outside: `today-program.js BIRTHDATE`
// prints the day that is today for the central, and whether an agency accepts the birthdate.
const [birthdate = ""] = process.argv.slice(2);
const bet = { NOMBRE: "Ana", APELLIDO: "Paz", DOCUMENTO: "1", NUMERO: "1", NACIMIENTO: birthdate };
let taken = true;
try {
  loadAgencyConfig({ env: { CLI_ID: "1", ...bet }, dialects: ["native"] });
} catch {
  taken = false;
}
console.log(JSON.stringify({ today: calendarDay(systemClock.date()), taken }));
