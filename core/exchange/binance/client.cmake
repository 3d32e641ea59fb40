# The part that talks: REST answers, sockets, sequencing.
etrms_room(binance_rest
    SOURCES api_error.cpp json_fields.cpp rest_codec.cpp
    LINK etrms_ports etrms_net
    QT Core)
