package io.relaunchguard.statemachine.start;

import io.relaunchguard.statemachine.LaunchFailedException;

/** The analyzer for a launch that FAILED. */
final class LaunchFailedFailureAnalyzer extends LaunchRefusedFailureAnalyzer<LaunchFailedException> {}
