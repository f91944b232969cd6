/**
 * Consent: what an outgoing process writes so that its successor may end it.
 *
 * <p>{@link io.relaunchguard.core.consent.ConsentMarker} is the consent itself,
 * {@link io.relaunchguard.core.consent.MarkerReading} the result of reading it, and
 * {@link io.relaunchguard.core.consent.ConsentStage} how far launchers have used it.
 * {@link io.relaunchguard.core.consent.ClosingNotice} only asks a launch to wait; it is no consent. The codecs are
 * pure. {@link io.relaunchguard.core.consent.MarkerStore} and {@link io.relaunchguard.core.consent.ThreadDumpStore} are
 * ports, implemented by the platforms.
 */
@NullMarked
package io.relaunchguard.core.consent;

import org.jspecify.annotations.NullMarked;
