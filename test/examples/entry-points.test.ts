import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, it } from "node:test";
import { root } from "../support/paths.ts";

/** A name, and the emitted file that declares it. */
interface Origin {
  readonly file: string;
  readonly name: string;
  /** It is exported only as a type. */
  readonly typeOnly?: boolean;
}

/** An emitted file: what it declares, and where its other names come from. */
interface Declarations {
  /** By name: the text of its declaration, without comments and texts. */
  readonly own: ReadonlyMap<string, string>;
  readonly others: ReadonlyMap<string, Origin>;
}

const ENTRY_POINTS = entryPoints();

describe("the entry points", () => {
  it("are quiniela, quiniela/protocols and quiniela/stores", () => {
    assert.deepEqual(
      [...ENTRY_POINTS.keys()],
      ["quiniela", "quiniela/protocols", "quiniela/stores"],
    );
  });

  it("export each name once, from one of them", () => {
    const names = [...ENTRY_POINTS.values()].flatMap((file) => [...declarations(file).others]);
    const twice = names.filter(([name], at) => names.findIndex(([other]) => other === name) !== at);
    assert.deepEqual(twice, []);
  });

  it("load in Node, and export as a value every name that is not a type", async () => {
    for (const [specifier, file] of ENTRY_POINTS) {
      const loaded = (await import(specifier)) as object;
      const values = [...declarations(file).others]
        .filter(([, { typeOnly }]) => typeOnly !== true)
        .map(([name]) => name);
      assert.deepEqual(Object.keys(loaded).toSorted(), values.toSorted(), specifier);
    }
  });

  it("export every type that is named by an exported declaration", () => {
    const exported = new Set<string>();
    for (const file of ENTRY_POINTS.values()) {
      for (const origin of declarations(file).others.values()) exported.add(keyOf(origin));
    }
    const missing = new Set<string>();
    for (const file of ENTRY_POINTS.values()) {
      for (const [name, origin] of declarations(file).others) {
        for (const named of namedBy(origin)) {
          if (!exported.has(keyOf(named))) missing.add(`${name} names ${keyOf(named)}`);
        }
      }
    }
    assert.deepEqual([...missing], []);
  });
});

/** The file of the types of each specifier. */
function entryPoints(): Map<string, string> {
  const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  const typed = Object.entries(exports).flatMap(([path, target]) =>
    typeof target === "string"
      ? []
      : [[path.replace(/^\./, name), join(root, target.types)] as const],
  );
  return new Map(typed);
}

function keyOf({ file, name }: Origin): string {
  const declared = declarationOf({ file, name });
  return `${name} of ${relative(root, declared?.file ?? file)}`;
}

/** The names of this package that a declaration has in it. */
function namedBy(origin: Origin): Origin[] {
  const declared = declarationOf(origin);
  if (declared === undefined) return [];
  const { own, others } = declarations(declared.file);
  const words = new Set(declared.text.match(/[A-Za-z_]\w*/g));
  words.delete(origin.name);
  return [...words].flatMap((word) => {
    const other = others.get(word);
    if (other !== undefined) return [other];
    const text = own.get(word);
    // A word that is also a constant of the file is a parameter's name, unless `typeof` comes
    // before it.
    const isType = text !== undefined && !/^(?:export )?declare (?:const|function)\b/.test(text);
    return isType ? [{ file: declared.file, name: word }] : [];
  });
}

/** Follows a name through files that only pass it on. */
function declarationOf({ file, name }: Origin): { file: string; text: string } | undefined {
  const { own, others } = declarations(file);
  const text = own.get(name);
  if (text !== undefined) return { file, text };
  const other = others.get(name);
  return other === undefined ? undefined : declarationOf(other);
}

function declarations(file: string): Declarations {
  const text = readFileSync(file, "utf8")
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
    .trim();
  const own = new Map<string, string>();
  const others = new Map<string, Origin>();
  for (const statement of text.split(/^(?=(?:import|export|declare|interface|type)\b)/m)) {
    const passedOn = /^(?:import|export)\b[^{]*\{([^}]*)\} from "(\.[^"]*)"/.exec(statement);
    if (passedOn !== null) {
      const [, names = "", path = ""] = passedOn;
      const from = join(dirname(file), path.replace(/\.[jt]s$/, ".d.ts"));
      for (const [, type, name] of names.matchAll(/(type )?([A-Za-z_]\w*)/g)) {
        const typeOnly = type !== undefined || /^\w+ type\b/.test(statement);
        if (name !== undefined) others.set(name, { file: from, name, typeOnly });
      }
      continue;
    }
    const declared = /\b(?:const|function|class|interface|type) ([A-Za-z_]\w*)/.exec(statement);
    if (declared !== null && !statement.startsWith("import")) {
      const name = declared[1] ?? "";
      const sofar = own.get(name) ?? "";
      own.set(name, sofar + statement.replaceAll(/"[^"]*"/g, '""'));
    }
  }
  return { own, others };
}
