//===- codegen/status.h - What can go wrong in the back end ---------------===//
#ifndef NNC_CODEGEN_STATUS_H
#define NNC_CODEGEN_STATUS_H

#include <string>
#include <utility>

namespace llvm {
class Error;
}

namespace nnc {

/// Success, or whose fault it is and one line for the user. The exit codes are
/// those of the tools; a fault of nnc itself does not come here, it ends in
/// internalError (exit 70).
class [[nodiscard]] Status {
public:
  enum class Kind { Success, UserError, Limitation };

  static Status success() { return Status(Kind::Success, {}); }
  static Status userError(std::string message) {
    return Status(Kind::UserError, std::move(message));
  }
  static Status limitation(std::string message) {
    return Status(Kind::Limitation, std::move(message));
  }

  bool ok() const { return kind == Kind::Success; }
  int exitCode() const { return static_cast<int>(kind); }
  const std::string &message() const { return text; }

private:
  Status(Kind kind, std::string text) : kind(kind), text(std::move(text)) {}

  Kind kind;
  std::string text;
};

/// A limitation with LLVM's message after `what`, or success.
Status fromLlvm(llvm::Error error, const std::string &what);

} // namespace nnc

#endif // NNC_CODEGEN_STATUS_H
