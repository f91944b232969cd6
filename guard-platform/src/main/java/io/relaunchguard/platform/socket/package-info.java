/**
 * Second starts over a Unix domain socket in the profile, see unix(7), with the JDK alone; Windows has such sockets
 * since version 10.
 *
 * <p>{@link io.relaunchguard.platform.socket.SocketSecondStarts} is the entry point. {@code SecondStartServer} listens
 * in the running instance, and {@code Exchange} is the side of the second start. {@code SocketDirectory} and
 * {@code Peer} make sure that both ends belong to the same user.
 */
@NullMarked
package io.relaunchguard.platform.socket;

import org.jspecify.annotations.NullMarked;
