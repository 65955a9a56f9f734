#include "cli/doctor_output.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/table.h"

namespace hyperwright::cli {
namespace {

namespace json = boost::json;
using doctor::Finding;
using doctor::Findings;
using doctor::Verdict;

// ANSI's select graphic rendition.
std::string_view color_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Ok:
      return "32";  // green
    case Verdict::Warning:
      return "33";  // yellow
    case Verdict::Problem:
      return "31";  // red
    case Verdict::NotChecked:
      return "2";  // faint
  }
  return "0";
}

// On one line, whatever a server's message holds.
std::string sentence_of(const Finding& finding) {
  std::string sentence = finding.remedy.empty()
                             ? finding.found
                             : fmt::format("{}; fix: {}", finding.found, finding.remedy);
  std::ranges::replace_if(
      sentence, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return sentence;
}

// "1 problem", "2 warnings".
std::string count_text(const Findings& findings, Verdict verdict) {
  const std::string one(to_string(verdict));
  return doctor::counted(static_cast<std::int64_t>(count_of(findings, verdict)), one, one + "s");
}

std::string summary_of(const Findings& findings) {
  const std::size_t problems = count_of(findings, Verdict::Problem);
  return fmt::format(
      "{}, {}, {} ok, {} not checked: {}\n", count_text(findings, Verdict::Problem),
      count_text(findings, Verdict::Warning), count_of(findings, Verdict::Ok),
      count_of(findings, Verdict::NotChecked),
      problems == 0 ? "nothing blocks" : "problems keep the controller from its work");
}

}  // namespace

std::string text_of(const Findings& findings, bool is_colored) {
  std::vector<Row> rows = {{"RESULT", "CHECK", "FOUND"}};
  for (const Finding& finding : findings)
    rows.push_back({std::string(to_string(finding.verdict)), finding.check, sentence_of(finding)});
  std::string text = table_of(rows);
  if (is_colored) {
    // Put in when the columns stand, because they have no width.
    std::string colored = text.substr(0, text.find('\n') + 1);
    std::size_t at = colored.size();
    for (const Finding& finding : findings) {
      const std::size_t end = text.find('\n', at) + 1;
      const std::string_view word = to_string(finding.verdict);
      colored += fmt::format("\x1b[{}m{}\x1b[0m{}", color_of(finding.verdict), word,
                             text.substr(at + word.size(), end - at - word.size()));
      at = end;
    }
    text = std::move(colored);
  }
  return text + '\n' + summary_of(findings);
}

std::string json_of(const Findings& findings) {
  json::array list;
  for (const Finding& finding : findings) {
    json::object entry{
        {"result", to_string(finding.verdict)}, {"check", finding.check}, {"found", finding.found}};
    if (!finding.remedy.empty()) entry["fix"] = finding.remedy;
    list.push_back(std::move(entry));
  }
  const json::object object{{"blocks", count_of(findings, Verdict::Problem) > 0},
                            {"problems", count_of(findings, Verdict::Problem)},
                            {"warnings", count_of(findings, Verdict::Warning)},
                            {"ok", count_of(findings, Verdict::Ok)},
                            {"notChecked", count_of(findings, Verdict::NotChecked)},
                            {"findings", std::move(list)}};
  return json::serialize(object) + '\n';
}

}  // namespace hyperwright::cli
