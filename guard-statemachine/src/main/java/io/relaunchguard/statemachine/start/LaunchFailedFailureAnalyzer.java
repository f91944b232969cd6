package io.relaunchguard.statemachine.start;

import io.relaunchguard.statemachine.LaunchFailedException;

/** For a launch that FAILED. */
final class LaunchFailedFailureAnalyzer extends LaunchRefusedFailureAnalyzer<LaunchFailedException> {}
