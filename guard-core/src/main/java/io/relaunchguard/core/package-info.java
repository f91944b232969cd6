/**
 * The model and the rules of Relaunch Guard: pure and immutable, without I/O and without a clock of its own.
 *
 * <p>Each subpackage covers one subject: {@code lock} the browser lock and the instance record, {@code process}
 * processes and signals, {@code host} the machine, {@code consent} the consent marker, {@code safety} the predicates
 * that a signal needs, {@code lifecycle} the state table, {@code launch} one launch with its policy and report,
 * {@code secondstart} the handover to a running instance, and {@code successor} how to start the application again.
 * Interfaces named as ports are implemented per operating system in {@code guard-platform}. This package has the types
 * that several of them share, above all {@link io.relaunchguard.core.Observation}.
 */
@NullMarked
package io.relaunchguard.core;

import org.jspecify.annotations.NullMarked;
