#include "tools/completion.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace csrflow::tools {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// Of the shell function: `_csrflow_agent`.
std::string function_of(std::string program) {
  std::ranges::replace(program, '-', '_');
  return '_' + program;
}

std::string bash(const std::vector<CommandWords>& commands, const std::string& program) {
  std::vector<std::string> names;
  std::string cases;
  for (const CommandWords& c : commands) {
    names.push_back(c.name);
    cases += "    " + c.name + ") words=\"" + joined(c.options) + "\" ;;\n";
  }
  const std::string function = function_of(program);
  return function + "() {\n  local words=\"" + joined(names) + "\" current=${COMP_WORDS[COMP_CWORD]}\n" +
         "  case ${COMP_WORDS[COMP_CWORD-1]} in\n    --data|--out) COMPREPLY=($(compgen -d -- "
         "\"$current\")); "
         "return ;;\n" +
         "    --*-file|--config|--ca) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n" +
         "    -o|--output) COMPREPLY=($(compgen -W 'table json' -- \"$current\")); return ;;\n  esac\n" +
         "  ((COMP_CWORD > 1)) && case ${COMP_WORDS[1]} in\n" + cases + "  esac\n" +
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\ncomplete -F " + function + ' ' +
         program + '\n';
}

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4)
    text.replace(at, 1, "'\\''");
  return "'" + text + "'";
}

std::string zsh(const std::vector<CommandWords>& commands, const std::string& program) {
  std::string described, cases;
  for (const CommandWords& c : commands) {
    described += "    " + quoted(c.name + ":" + c.about) + "\n";
    cases += "    " + c.name + ") compadd -- " + joined(c.options) + " ;;\n";
  }
  const std::string function = function_of(program);
  return "#compdef " + program + '\n' + function + "() {\n  local -a commands=(\n" + described +
         "  )\n  if ((CURRENT == 2)); then _describe command commands; return; fi\n" +
         "  case ${words[CURRENT-1]} in\n    --data|--out) _files -/; return ;;\n    --*-file|--config|--ca) "
         "_files; return "
         ";;\n" +
         "    -o|--output) compadd table json; return ;;\n  esac\n  case ${words[2]} in\n" + cases +
         "  esac\n}\ncompdef " + function + ' ' + program + '\n';
}

std::string fish(const std::vector<CommandWords>& commands, const std::string& program) {
  const std::string complete = "complete -c " + program;
  std::string text = complete + " -f\n";
  for (const CommandWords& c : commands) {
    text += complete + " -n __fish_use_subcommand -a " + c.name + " -d " + quoted(c.about) + "\n";
    for (const std::string& option : c.options) {
      text += complete + " -n '__fish_seen_subcommand_from " + c.name + "' -l " + option.substr(2);
      if (option == "--data" || option == "--out") text += " -x -a '(__fish_complete_directories)'";
      if (option == "--output") text += " -x -a 'table json'";
      if (option.ends_with("-file") || option == "--config" || option == "--ca") text += " -r -F";
      text += "\n";
    }
  }
  return text;
}

}  // namespace

std::vector<CommandWords> commands_of(const CLI::App& app) {
  std::vector<CommandWords> commands;
  for (const CLI::App* sub : app.get_subcommands({})) {
    CommandWords words{sub->get_name(), sub->get_description(), {}};
    for (const CLI::Option* option : sub->get_options({}))
      for (const std::string& name : option->get_lnames()) words.options.push_back("--" + name);
    commands.push_back(std::move(words));
  }
  return commands;
}

std::string completion_script(const std::string& shell, const std::vector<CommandWords>& commands,
                              const std::string& program) {
  if (shell == "bash") return bash(commands, program);
  return shell == "zsh" ? zsh(commands, program) : fish(commands, program);
}

}  // namespace csrflow::tools
