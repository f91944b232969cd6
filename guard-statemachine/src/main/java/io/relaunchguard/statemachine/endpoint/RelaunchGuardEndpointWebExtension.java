package io.relaunchguard.statemachine.endpoint;

import io.relaunchguard.statemachine.diagram.SvgDiagram;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.util.MimeTypeUtils;

/** The extension that adds the lifecycle's diagram, with the launch in this JVM, to the endpoint on the web. */
@EndpointWebExtension(endpoint = RelaunchGuardEndpoint.class)
public class RelaunchGuardEndpointWebExtension {

    private static final String SVG = "image/svg+xml;charset=UTF-8";

    private final RelaunchGuardEndpoint endpoint;

    /** Creates an extension of this endpoint. */
    public RelaunchGuardEndpointWebExtension(RelaunchGuardEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * Returns a file.
     *
     * @param file {@code diagram.svg}; anything else is not found
     */
    @ReadOperation(produces = SVG)
    public WebEndpointResponse<String> diagram(@Selector String file) {
        return file.equals("diagram.svg")
                ? new WebEndpointResponse<>(SvgDiagram.of(endpoint.path()), MimeTypeUtils.parseMimeType(SVG))
                : new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
    }
}
