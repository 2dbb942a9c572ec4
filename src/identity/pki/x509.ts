// The library needs this first.
import "reflect-metadata";

/** The library that writes certificates. It takes a fifth of a second to load: import it when it is needed. */
export * as x509 from "@peculiar/x509";
