# The part that talks: info and exchange requests, sockets, sequencing.
if(NOT ETRMS_QT_FREE_ONLY)
    etrms_room(hyperliquid_client
        SOURCES account_sync.cpp account_sync_ledger.cpp account_sync_queries.cpp action_channel.cpp address_budget.cpp client.cpp client_history.cpp client_instruments.cpp
            client_requests.cpp client_settings.cpp client_socket.cpp cloids.cpp
            endpoints.cpp info_gateway.cpp market_streams.cpp order_channel.cpp order_channel_changes.cpp order_channel_queries.cpp
            order_channel_wire.cpp
        LINK etrms_hyperliquid_codec etrms_hyperliquid_signing etrms_market etrms_ports etrms_net
        QT Core)
endif()
