import graphene


class Query(graphene.ObjectType):
    edition = graphene.Int()


schema = graphene.Schema(query=Query)
