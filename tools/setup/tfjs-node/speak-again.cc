// Part of tfjs-node's binding: see hush.cc. From here on TensorFlow reports errors alone, as TF_CPP_MIN_LOG_LEVEL=2
// asks it to, which it does not heed everywhere.
#include "absl/log/globals.h"

extern "C" void rampart_speak_again();

namespace {

__attribute__((constructor)) void speak_again() {
  rampart_speak_again();
  absl::SetMinLogLevel(absl::LogSeverityAtLeast::kError);
}

}  // namespace
