# The part that talks: info and exchange requests, sockets, sequencing.
if(NOT ETRMS_QT_FREE_ONLY)
    etrms_room(hyperliquid_client
        SOURCES client.cpp endpoints.cpp
        LINK etrms_market etrms_ports etrms_net
        QT Core)
endif()
