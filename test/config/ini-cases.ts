/**
 * Files that set a server's port, and what the three readers of such files find in them: Python's
 * configparser, which the course's server uses, our central, and validar-echo-server.sh.
 */
export interface IniCase {
  readonly name: string;
  readonly text: string;
  /** What configparser has for SERVER_PORT in [DEFAULT]; undefined if it refuses the file. */
  readonly python: string | undefined;
  /**
   * What our two readers take; `refused` if the central does not start, `default` if the port is
   * not set.
   */
  readonly port: number | "default" | "refused";
}

const sound = (name: string, text: string, port = 21508): IniCase => ({
  name,
  text,
  python: `${port}`,
  port,
});

const line = (name: string, text: string): IniCase => sound(name, `[DEFAULT]\n${text}\n`);

export const INI_CASES: readonly IniCase[] = [
  line("an equals sign with blanks", "SERVER_PORT = 21508"),
  line("an equals sign without blanks", "SERVER_PORT=21508"),
  line("tabs around the equals sign", "SERVER_PORT\t=\t21508"),
  line("a colon", "SERVER_PORT : 21508"),
  line("a colon without blanks", "SERVER_PORT:21508"),
  line("a key in lower case", "server_port = 21508"),
  line("a key in mixed case", "Server_Port: 21508"),
  line("blanks behind the value", "SERVER_PORT = 21508  \t"),
  line("an indented setting", "   SERVER_PORT = 21508"),
  line("comments around it", "# SERVER_PORT = 1\n; SERVER_PORT = 2\nSERVER_PORT = 21508\n  # 3"),
  line("settings around it", "SERVER_IP = server\nSERVER_PORT = 21508\nLOGGING_LEVEL = INFO"),
  line("a key that begins alike", "SERVER_PORT = 21508\nSERVER_IP = SERVER_PORT"),
  line("a value that holds another key", "SERVER_IP : server\nSERVER_PORT = 21508"),
  sound("no line end at its end", "[DEFAULT]\nSERVER_PORT = 21508"),
  sound("line ends of Windows", "[DEFAULT]\r\nSERVER_PORT = 21508\r\nSERVER_IP = server\r\n"),
  sound("line ends of old Macs", "[DEFAULT]\rSERVER_PORT = 21508\rSERVER_IP = server\r"),
  sound("words behind the section", "[DEFAULT] ; the only one\nSERVER_PORT = 21508\n"),
  sound("an indented section", "  [DEFAULT]\nSERVER_PORT = 21508\n"),
  sound("the section twice", "[DEFAULT]\nSERVER_IP = server\n[DEFAULT]\nSERVER_PORT = 21508\n"),
  sound("the smallest port", "[DEFAULT]\nSERVER_PORT = 1\n", 1),
  { name: "nothing", text: "", python: undefined, port: "default" },
  { name: "no port", text: "[DEFAULT]\nSERVER_IP = x\n", python: undefined, port: "default" },
  {
    name: "zeros before the number",
    text: "[DEFAULT]\nSERVER_PORT = 021508\n",
    python: "021508",
    port: 21508,
  },
  {
    name: "double quotes, which configparser keeps",
    text: '[DEFAULT]\nSERVER_PORT = "21508"\n',
    python: '"21508"',
    port: 21508,
  },
  {
    name: "single quotes, which configparser keeps",
    text: "[DEFAULT]\nSERVER_PORT: '21508'\n",
    python: "'21508'",
    port: 21508,
  },
  {
    name: "a byte order mark, at which configparser stops",
    text: "\ufeff[DEFAULT]\nSERVER_PORT = 21508\n",
    python: undefined,
    port: 21508,
  },
  {
    name: "a comment behind the value",
    text: "[DEFAULT]\nSERVER_PORT = 21508 ; the usual\n",
    python: "21508 ; the usual",
    port: "refused",
  },
  {
    name: "an indented line below the value",
    text: "[DEFAULT]\nSERVER_PORT = 21508\n  1\n",
    python: "21508\n1",
    port: "refused",
  },
  {
    name: "an indented setting below another",
    text: "[DEFAULT]\nSERVER_PORT = 21508\n  SERVER_IP = server\n",
    python: "21508\nSERVER_IP = server",
    port: "refused",
  },
  {
    name: "a word",
    text: "[DEFAULT]\nSERVER_PORT = many\n",
    python: "many",
    port: "refused",
  },
  {
    name: "two delimiters",
    text: "[DEFAULT]\nSERVER_PORT := 21508\n",
    python: "= 21508",
    port: "refused",
  },
  {
    name: "one quote",
    text: '[DEFAULT]\nSERVER_PORT = "21508\n',
    python: '"21508',
    port: "refused",
  },
  {
    name: "the port twice",
    text: "[DEFAULT]\nSERVER_PORT = 1\nserver_port = 2\n",
    python: undefined,
    port: "refused",
  },
  {
    name: "a port before any section",
    text: "SERVER_PORT = 21508\n",
    python: undefined,
    port: "refused",
  },
  {
    name: "another section",
    text: "[default]\nSERVER_PORT = 21508\n",
    python: undefined,
    port: "refused",
  },
  {
    name: "a line without a value",
    text: "[DEFAULT]\nSERVER_PORT\n",
    python: undefined,
    port: "refused",
  },
];
