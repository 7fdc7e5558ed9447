#!/usr/bin/env python3
"""make.py BIN SOURCE OUT - make the manual pages out of SOURCE/deploy/man/NAME.SECTION.scd, into OUT/manSECTION.

BIN is where the programs are; a page of one that was not built is left out. Further names of a page (NAME: "one,
other - what they do") get files that lead to it. Needs scdoc.

What a program's --help says, what the parameters are, what a call does: each stands in one place, and the pages
take it from there. A line of a page that is nothing but @WORD ARGUMENT...@ is replaced:

  @ABOUT PROGRAM [COMMAND]@     what --help says of it, but for options, commands and exit codes
  @OPTIONS PROGRAM [COMMAND]@   its options
  @COMMANDS PROGRAM SECTION@    its commands; SECTION: each has a page of its own there, "-": none has
  @EACH PROGRAM@                of each of its commands a section: ABOUT and OPTIONS
  @EXIT PROGRAM [COMMAND]@      its exit codes
  @PARAMETERS@                  all of holdfastd --help-config
  @HEADER FILE@                 the comment that opens a source file
  @STRUCT FILE NAME@            a struct or an enum, with its comments
  @SYNOPSIS FILE CALL...@       prototypes
  @CALLS FILE CALL...@          what each of these calls does
  @CODES FILE TABLE@            an X-macro table of numbers, names and texts
"""
import functools
import glob
import os
import re
import shutil
import subprocess
import sys

BIN, SOURCE, OUT = (os.path.abspath(path) for path in sys.argv[1:4])


def escape(text):
    """Text that scdoc prints as it is; names of calls in bold."""
    text = re.sub(r"([\\*_#`~])", r"\\\1", text)
    text = re.sub(r"^([-+.:])", r"\\\1", text)
    return re.sub(r"\b(hf(?:\\_\w+?)+)\(\)", r"*\1*()", text)


def paragraph(text):
    return [escape(" ".join(text.split())), ""]


def literal(lines):
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return ["```", *(line[indent:].rstrip() for line in lines), "```", ""]


def definition(term, text):
    return [term, "\t" + escape(" ".join(text.split())), ""]


# What programs say


@functools.lru_cache(maxsize=None)
def run(program, *arguments):
    environment = dict(os.environ, ARGP_HELP_FMT="rmargin=2000,opt-doc-col=40", LC_ALL="C.UTF-8")
    command = [os.path.join(BIN, program), *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"make.py: {' '.join(command)} ended with {done.returncode}")
    return done.stdout.splitlines()


OPTION = re.compile(r"^ {2,6}(-\S,? ?)?(--\S.*?)?(?: {2,}(.*))?$")
HOUSE = {"--help", "--usage", "--version"}


def is_option(line):
    return re.match(r"^ {2,6}--?\w", line) is not None or re.match(r"^ {2,6}-\S, --", line)


@functools.lru_cache(maxsize=None)
def help_parts(program, arguments):
    """@return (paragraphs, options, commands, exit codes); options: (group or None, names, text)"""
    paragraphs, options, commands, codes = [], [], [], ""
    group, block, inside = None, [], ""
    for line in run(program, *arguments, "--help") + [""]:
        if line.startswith("Usage:") or line.startswith("  or:"):
            continue
        if is_option(line):
            inside = "option"
            names, _, text = line.strip().partition("  ")
            options.append([group, names.strip(), text.strip()])
            continue
        if inside == "option" and line.startswith(" " * 20):
            options[-1][2] += " " + line.strip()
            continue
        if re.match(r"^ \S.*:$", line):
            group = line.strip()
            continue
        if line.startswith("Commands ("):
            inside = "commands"
            continue
        if inside == "commands" and line.startswith("  "):
            name, _, text = line.strip().partition(" ")
            commands.append((name, text.strip()))
            continue
        if line.startswith("Exit codes:"):
            codes = line[len("Exit codes:"):]
            continue
        if line.strip() == "":
            inside = ""
            group = None if options and not block else group
            if block:
                paragraphs.append(block)
            block = []
        elif not line.startswith("Mandatory or optional arguments"):
            block.append(line)
    return paragraphs, options, commands, codes


def about(program, *arguments):
    out = []
    for block in help_parts(program, arguments)[0]:
        prose = [line for line in block if not line.startswith("  ")]
        indented = [line for line in block if line.startswith("  ")]
        if prose:
            out += paragraph(" ".join(prose))
        if indented:
            out += literal(indented)
    return out


def option_term(names):
    terms = []
    for name in names.split(", "):
        flag, equals, argument = name.partition("=")
        terms.append(f"*{escape_flag(flag)}*" + (f"={escape_argument(argument)}" if equals else ""))
    return ", ".join(terms)


def escape_flag(text):
    return re.sub(r"([\\*_])", r"\\\1", text)


def escape_argument(text):
    return re.sub(r"([A-Z][A-Z0-9.]*(?:_[A-Z0-9.]+)*)|([\\*_|<>])",
                  lambda m: f"_{m[1]}_" if m[1] else "\\" + m[2], text)


def options(program, *arguments):
    out, last = [], None
    for group, names, text in help_parts(program, arguments)[1]:
        if names.split("=")[0].split(", ")[-1] in HOUSE:
            continue
        if group and group != last:
            out += paragraph(group)
        last = group
        out += definition(option_term(names), text)
    return out + ["*-?*, *--help*; *--usage*; *-V*, *--version*",
                  "\tSay how it is used; the same in short; which version it is.", ""]


def commands(program, section):
    out = []
    for name, text in help_parts(program, ())[2]:
        page = f"*{program}-{name}*({section})" if section != "-" else f"*{name}*"
        out += definition(page, text)
    return out


def each(program):
    out = []
    for name, _ in help_parts(program, ())[2]:
        out += [f"# {name.upper()}", "", *about(program, name), *options(program, name)]
    return out


def exits(program, *arguments):
    out = []
    for item in help_parts(program, arguments)[3].split(";"):
        numbers, text = re.match(r"\s*((?:\d+ or )?\d+) (.*)", item.strip().rstrip(".")).groups()
        out += definition(f"*{numbers}*", text)
    return out


def parameters():
    out, text = [], []

    def flush(prefix):
        if text:
            out.extend([prefix + escape(" ".join(text)), ""])
            text.clear()

    prefix = ""
    for line in run("holdfastd", "--help-config"):
        name = re.match(r"^  (\S+)  \((.*)\)$", line)
        if name or line.startswith("[") or line == "":
            flush(prefix)
        if line.startswith("["):
            out.extend([f"# {line}", ""])
            prefix = ""
        elif name:
            out.append(f"*{escape_flag(name[1])}* ({escape(name[2])})")
            prefix = "\t"
        elif line != "":
            text.append(line.strip())
    flush(prefix)
    return out


# What the source says


@functools.lru_cache(maxsize=None)
def read(name):
    path = os.path.join(SOURCE, "include/holdfast", name)
    with open(path if os.path.exists(path) else os.path.join(SOURCE, name), encoding="utf-8") as file:
        return file.read()


def comment_lines(text):
    lines = text.strip().splitlines()
    stripped = [re.sub(r"^\s*\*( |$)", "", line).rstrip() for line in lines[1:]]
    first = re.sub(r"^/\*\*?<?\s*", "", lines[0])
    lines = ([first] if first else []) + stripped
    lines[-1] = re.sub(r"\s*\*/$", "", lines[-1])
    return [line for line in lines if not re.match(r"^Shape:", line)]


def blocks(lines):
    block = []
    for line in [*lines, ""]:
        if line.strip() == "":
            if block:
                yield block
            block = []
        else:
            block.append(line)


ITEM = re.compile(r"^\s*(- |[A-Z]\d+ {1,2})")


def prose(lines):
    """Paragraphs, lists, numbered rules, drawings."""
    out = []
    for block in blocks(lines):
        head = 0
        while head < len(block) and not block[head].startswith("  ") and not ITEM.match(block[head]):
            head += 1
        if head:
            out += paragraph(" ".join(block[:head]))
        rest = block[head:]
        if rest and ITEM.match(rest[0]):
            out += items(rest)
        elif rest:
            out += literal(rest)
    return out


def items(lines):
    out, term, text = [], "", ""
    for line in [*lines, "- "]:
        match = ITEM.match(line)
        if match and text:
            out += ["- " + escape(text)] if term == "-" else definition(f"*{term}*", text)
        if match:
            term, text = match[1].strip(), line[match.end():].strip()
        else:
            text += " " + line.strip()
    return out + [""]


def header(name):
    text = read(name)
    lines = comment_lines(text[:text.index("*/") + 2])
    lines[0] = re.sub(r"^\S+ - ", "", lines[0])
    lines[0] = lines[0][0].upper() + lines[0][1:]
    return prose(lines)


def struct(name, which):
    match = re.search(rf"^(?:struct|enum) {which} \{{.*?^\}};", read(name), re.S | re.M)
    return literal(match[0].splitlines())


def find_call(name, call):
    """@return (prototype, lines of its comment)"""
    text = read(name)
    match = re.search(rf"^(?:[\w][^;{{}}()#/]*?[\s*])?{call}\([^;{{]*?\)(?:;|\s*\{{)([^\n]*)", text, re.M)
    if match is None:
        sys.exit(f"make.py: {name} has no {call}()")
    prototype = re.sub(r"\s+", " ", re.sub(r"\s*[;{]?\s*(/\*.*)?$", "", match[0], flags=re.S))
    prototype = re.sub(r"^static inline ", "", prototype)
    lines = []
    if "/**<" in match[1]:
        lines = comment_lines(match[1].strip())
    before = text[:match.start()].rstrip()
    if before.endswith("*/") and text[len(before):match.start()].count("\n") == 1:
        lines = comment_lines(before[before.rindex("/**"):])
    return prototype, lines


def wrapped(prototype):
    """A prototype in lines of 78 characters, broken behind commas."""
    out, line = [], ""
    indent = " " * 4
    for part in re.split(r"(?<=,) ", prototype + ";"):
        if line and len(line) + 1 + len(part) > 78:
            out.append(line)
            line = indent + part
        else:
            line = f"{line} {part}" if line else part
    return out + [line]


def synopsis(name, *calls):
    lines = []
    for call in calls:
        lines += wrapped(find_call(name, call)[0])
    return ["```", f"#include <holdfast/{name}>", "", *lines, "```", ""]


def call_text(lines):
    """A call's comment: prose, then @param and @return; a line at the margin behind these is prose again."""
    parts, at = [["", []]], 0
    for line in lines:
        for piece in re.split(r"(?=@param|@return)", line):
            tag = re.match(r"(@param|@return)\s*", piece)
            if tag:
                parts.append([tag[1], [piece[tag.end():]]])
            elif piece.strip() == "" or line.startswith(" ") or parts[-1][0] == "":
                parts[-1][1].append(piece)
            else:
                parts.append(["", [piece]])
    out = []
    for tag, text in parts:
        if tag == "":
            out += prose(text)
        elif tag == "@return":
            out += definition("Returns", " ".join(text))
        else:
            param, _, about_it = " ".join(text).strip().partition(" ")
            out += definition(f"_{escape_flag(param)}_", about_it)
    return out


def calls(name, *names):
    out = []
    for call in names:
        out += [f"## {call.replace('_', chr(92) + '_')}()", "", *call_text(find_call(name, call)[1])]
    return out


def codes(name, table):
    text = read(name)
    body = text[text.index(f"#define {table}("):]
    body = body[:re.search(r"[^\\]\n", body).end()]
    out = []
    for number, word, words in re.findall(r"X\((-?\d+), (\w+),\s*(?:\\\s*)?\"([^\"]*)\"", body):
        out += definition(f"*{escape_flag(word)}* ({escape_argument(number)})", words)
    return out


DIRECTIVES = {"ABOUT": about, "OPTIONS": options, "COMMANDS": commands, "EACH": each, "EXIT": exits, "PARAMETERS": parameters,
              "HEADER": header, "STRUCT": struct, "SYNOPSIS": synopsis, "CALLS": calls, "CODES": codes}


def fill(page):
    """@return the source of a page for scdoc"""
    out = []
    for line in page.splitlines():
        match = re.match(r"^@([A-Z]+)((?: \S+)*)@$", line)
        out += DIRECTIVES[match[1]](*match[2].split()) if match else [line]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).rstrip() + "\n"


def is_built(page):
    """Whether the program is there, and has the command, of which the page tells first."""
    tells = re.search(r"^@ABOUT (\S+?)(?: (\S+))?@$", page, re.M)
    if tells is None:
        return True
    program, command = tells.groups()
    return os.access(os.path.join(BIN, program), os.X_OK) and (
        command is None or command in dict(help_parts(program, ())[2]))


def date():
    """The same source gives the same pages."""
    command = ["git", "-C", SOURCE, "log", "-1", "--format=%ct"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout.strip() or str(int(os.path.getmtime(os.path.join(SOURCE, "deploy/man"))))


def make(path, environment):
    name = os.path.basename(path)[:-len(".scd")]
    section = name.rpartition(".")[2]
    with open(path, encoding="utf-8") as file:
        page = file.read()
    if not is_built(page):
        return
    directory = os.path.join(OUT, f"man{section}")
    os.makedirs(directory, exist_ok=True)
    done = subprocess.run(["scdoc"], input=fill(page), env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"make.py: scdoc does not take {path}")
    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
        file.write(done.stdout)
    names = re.search(r"^# NAME\n\n(.*?) - ", page, re.M)[1].replace("\\", "").split(", ")
    for other in names:
        if f"{other}.{section}" != name:
            with open(os.path.join(directory, f"{other}.{section}"), "w", encoding="utf-8") as file:
                file.write(f".so man{section}/{name}\n")


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    environment = dict(os.environ, SOURCE_DATE_EPOCH=date())
    for path in sorted(glob.glob(os.path.join(SOURCE, "deploy/man/*.scd"))):
        make(path, environment)


main()
