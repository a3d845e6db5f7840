// Support vector machines, and what of OpenCV itself decides their bits.

#include "guard.hpp"

#include <opencv2/core/utility.hpp>
#include <opencv2/ml.hpp>

#include <algorithm>
#include <cmath>
#include <string>

using vision::fail;
using vision::guarded;
using vision::over;

namespace {

// The version, and the instruction sets that every function of this build was compiled for; those that OpenCV chooses
// at run time are marked by a star in its list, come last, and are switched off here.
std::string describeBuild() {
  std::string text = cv::getVersionString(), features = cv::getCPUFeaturesLine();
  std::string baseline = features.substr(0, features.find('*'));
  for (size_t start = 0; start < baseline.size();) {
    size_t end = std::min(baseline.find_first_of(" \n", start), baseline.size());
    if (end > start) text += " " + baseline.substr(start, end - start);
    start = end + 1;
  }
  return text;
}

bool isFinite(const float *values, size_t count) {
  return std::all_of(values, values + count, [](float value) { return std::isfinite(value); });
}

cv::Ptr<cv::ml::SVM> machine(const VisionMachine &options) {
  cv::Ptr<cv::ml::SVM> machine = cv::ml::SVM::create();
  machine->setType(cv::ml::SVM::C_SVC);
  machine->setC(options.penalty);
  machine->setClassWeights((cv::Mat_<double>(1, 2) << options.weight_in, options.weight_out));
  machine->setTermCriteria(cv::TermCriteria(
      cv::TermCriteria::MAX_ITER + cv::TermCriteria::EPS, VISION_ITERATION_LIMIT, 1e-5));
  if (options.kernel != VISION_LINEAR) machine->setGamma(options.gamma);
  if (options.kernel == VISION_POLYNOMIAL) {
    machine->setCoef0(options.offset);
    machine->setDegree(options.degree);
  }
  machine->setKernel(
      options.kernel == VISION_LINEAR       ? cv::ml::SVM::LINEAR
      : options.kernel == VISION_POLYNOMIAL ? cv::ml::SVM::POLY
                                            : cv::ml::SVM::RBF);
  return machine;
}

} // namespace

extern "C" {

const char *vision_version(void) {
  static const std::string version = []() noexcept {
    try {
      return describeBuild();
    } catch (...) {
      return std::string();
    }
  }();
  return version.c_str();
}

void vision_settings(int32_t *threads, int32_t *optimised) {
  VisionStatus status = guarded([&]() -> VisionStatus {
    *threads = cv::getNumThreads();
    *optimised = cv::useOptimized();
    return VISION_DONE;
  });
  if (status != VISION_DONE) *threads = *optimised = -1;
}

VisionStatus vision_machine_decide(
    const VisionMachine *options, const float *rows, const uint8_t *inside, int32_t count, int32_t width,
    const float *others, int32_t other_count, float *decisions) {
  return guarded([&]() -> VisionStatus {
    if (count < 2 || width < 1 || other_count < 1) {
      return fail(VISION_FAILED, "a machine needs rows to learn from and rows to answer");
    }
    if (int64_t(count) * width > VISION_MACHINE_LIMIT || int64_t(other_count) * width > VISION_MACHINE_LIMIT) {
      return fail(VISION_TOO_LARGE, "more numbers than a machine may read");
    }
    int32_t within = int32_t(std::count_if(inside, inside + count, [](uint8_t one) { return one != 0; }));
    if (within == 0 || within == count) return fail(VISION_FAILED, "a machine needs rows of both kinds");
    if (!isFinite(rows, size_t(count) * size_t(width)) || !isFinite(others, size_t(other_count) * size_t(width))) {
      return fail(VISION_FAILED, "a machine reads finite numbers only");
    }
    // OpenCV sorts its classes by number and gives the first one positive decision values.
    cv::Mat classes(count, 1, CV_32S);
    for (int32_t row = 0; row < count; row++) classes.at<int>(row) = inside[row] ? 0 : 1;
    cv::Ptr<cv::ml::SVM> learner = machine(*options);
    if (!learner->train(over(rows, width, count), cv::ml::ROW_SAMPLE, classes)) {
      return fail(VISION_FAILED, "OpenCV finds no machine for these rows");
    }
    cv::Mat answers = over(decisions, 1, other_count);
    learner->predict(over(others, width, other_count), answers, cv::ml::StatModel::RAW_OUTPUT);
    if (answers.ptr<float>() != decisions) return fail(VISION_FAILED, "OpenCV answered into memory of its own");
    if (!isFinite(decisions, size_t(other_count))) return fail(VISION_FAILED, "the machine answers no finite numbers");
    return VISION_DONE;
  });
}

} // extern "C"
